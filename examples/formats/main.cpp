// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Every operand format on two real tasks: Fashion-MNIST's classifier and the search for the nearest
// word vectors. One table (Markdown, or JSON with --json) on the standard output, one plot.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <fstream>
#include <narrowgate/narrowgate.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "common/device_options.hpp"
#include "formats/report.hpp"
#include "formats/word_vectors.hpp"

namespace {

struct Options {
  examples::DeviceOptions device;
  std::string data = "/usr/share/datasets/fashion-mnist";
  std::size_t images = 2000;
  std::size_t train_images = 60000;
  examples::TrainingOptions training;
  std::string words_path;
  std::string words_skipped =
      "no --words FILE was given (scripts/word_vectors.sh BUILD fetches one)";
  std::size_t words = 20000;
  std::size_t queries = 500;
  bool json = false;
  std::string svg_path;
};

void progress(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

examples::Study run(const Options& options) {
  const narrowgate::Device device = examples::open_device(options.device);
  examples::Study study;
  study.device = options.device.device;

  std::optional<examples::Search> search;
  if (options.words_path.empty()) {
    study.words_skipped = options.words_skipped;
    progress("Nearest words: SKIPPED, " + options.words_skipped);
  } else {
    const examples::Matrix vectors = examples::read_word_vectors(options.words_path, options.words);
    study.words = static_cast<std::size_t>(vectors.rows());
    study.dimensions = static_cast<std::size_t>(vectors.cols());
    study.queries = options.queries;
    search.emplace(vectors, options.queries);
  }

  const examples::Dataset training =
      examples::read_dataset(options.data, "train", options.train_images);
  const examples::Dataset test = examples::read_dataset(options.data, "t10k", options.images);
  if (training.count == 0 || test.count == 0 || training.pixels != test.pixels) {
    throw std::runtime_error(options.data + ": training and test images do not fit together");
  }
  progress("Training the classifier in FP32 ...");
  const examples::Network network = examples::train(training, options.training);
  study.images = test.count;
  study.exact_accuracy = examples::classify_exactly(network, test);

  for (const examples::Operands& operands : examples::all_operands()) {
    progress(operands.name() + " ...");
    examples::StudyRow row{operands, examples::classify(device, operands, network, test), {}};
    if (search) row.words = search->run(device, operands);
    study.rows.push_back(std::move(row));
  }
  return study;
}

void write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  if (!file) throw std::runtime_error(path + ": cannot be written");
}

void add_options(CLI::App& app, Options& options) {
  examples::add_device_options(app, options.device);
  app.add_option("--data", options.data, "folder of Fashion-MNIST")->capture_default_str();
  app.add_option("--images", options.images, "test images to classify")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  app.add_option("--train-images", options.train_images, "images to learn from")
      ->capture_default_str()
      ->check(CLI::Range(100, 60000));
  app.add_option("--epochs", options.training.epochs, "passes over them")
      ->capture_default_str()
      ->check(CLI::Range(1, 100));
  app.add_option("--words", options.words_path, "JSON of word vectors (scripts/word_vectors.sh)");
  app.add_option("--words-skipped", options.words_skipped,
                 "why there is no --words, for the table");
  app.add_option("--word-count", options.words, "the first so many words of the file")
      ->capture_default_str()
      ->check(CLI::Range(11, 1000000));
  app.add_option("--queries", options.queries, "words to look for neighbours of")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  app.add_flag("--json", options.json, "JSON instead of Markdown");
  app.add_option("--svg", options.svg_path, "file for the plot");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Accuracy and cycles of every number format, on the simulated card.");
  Options options;
  add_options(app, options);
  CLI11_PARSE(app, argc, argv);
  try {
    const examples::Study study = run(options);
    if (!options.svg_path.empty()) write(options.svg_path, examples::svg_of(study));
    const std::string table = options.json ? json_of(study) : markdown_of(study);
    std::fputs(table.c_str(), stdout);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "formats_study: %s\n", error.what());
    return 1;
  }
}
