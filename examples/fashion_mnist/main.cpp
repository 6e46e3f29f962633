// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Trains a small image classifier in FP32, quantises it to INT8 and to INT4 weights, classifies
// test images on a device, and shows the accuracies side by side. Every integer and every score
// that the device returns is compared with the reference, bit for bit.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <narrowgate/narrowgate.hpp>
#include <string>
#include <vector>

#include "common/device_options.hpp"
#include "fashion_mnist/accuracy.hpp"
#include "fashion_mnist/network.hpp"
#include "fashion_mnist/quantised.hpp"

namespace ng = narrowgate;
using examples::Classified;
using examples::Dataset;
using examples::kClasses;
using examples::Matrix;
using examples::Network;

namespace {

struct Options {
  examples::DeviceOptions device;
  std::string data = "/usr/share/datasets/fashion-mnist";
  std::size_t images = 2000;
  std::size_t train_images = 60000;
  examples::TrainingOptions training;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Hidden activations and scores that are the same in both, bit for bit.
std::size_t equal_results(const Classified& a, const Classified& b) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i < a.hidden.size(); ++i) equal += a.hidden[i] == b.hidden[i] ? 1 : 0;
  for (std::size_t i = 0; i < a.scores.size(); ++i) {
    equal += std::memcmp(&a.scores[i], &b.scores[i], sizeof(float)) == 0 ? 1 : 0;
  }
  return equal;
}

/// Quantises, classifies on the device and on the reference, prints one row; whether all was equal.
bool show_quantised(const char* title, const Network& network, ng::Format format,
                    const Matrix& calibration, const Dataset& test, const ng::Device& device) {
  const examples::QuantisedNetwork quantised = examples::quantise(network, format, calibration);
  const Classified got = examples::classify(device, quantised, test.images, test.count);
  const Classified expected =
      examples::classify(ng::Device::open("reference"), quantised, test.images, test.count);
  const std::size_t equal = equal_results(got, expected);
  const std::size_t total = got.hidden.size() + got.scores.size();
  std::printf(
      "%-34s %7.2f %%   %zu of %zu", title,
      examples::percent_right(examples::classes_of(got.scores.data(), test.count), test.labels),
      equal, total);
  if (got.cycles != 0) {
    const double cycles = static_cast<double>(got.cycles);
    std::printf("   %9llu  %6.2f ms  %5.1f %%", static_cast<unsigned long long>(got.cycles),
                cycles / device.describe().clock_mhz / 1000,
                100 * static_cast<double>(got.macs) / cycles /
                    static_cast<double>(got.peak_macs_per_cycle));
  }
  std::printf("\n");
  return equal == total;
}

Network train_network(const Dataset& data, const Options& options) {
  std::printf("Training %zu-%d-%d in FP32 on %zu images, %d epochs ...", data.pixels,
              options.training.hidden, kClasses, data.count, options.training.epochs);
  std::fflush(stdout);
  const auto start = std::chrono::steady_clock::now();
  Network network = examples::train(data, options.training);
  std::printf(" %.1f s\n", seconds_since(start));
  return network;
}

int run(const Options& options) {
  const ng::Device device = examples::open_device(options.device);
  const Dataset training = examples::read_dataset(options.data, "train", options.train_images);
  const Dataset test = examples::read_dataset(options.data, "t10k", options.images);
  if (training.count == 0 || test.count == 0 || training.pixels != test.pixels) {
    throw std::runtime_error(options.data + ": training and test images do not fit together");
  }
  const Network network = train_network(training, options);

  const Matrix scores = examples::scores_of(network, examples::inputs_of(test, 0, test.count));
  const double clock = device.describe().clock_mhz;
  std::printf("Classifying %zu test images on %s\n\n", test.count, options.device.device.c_str());
  std::printf("%-34s %9s   %s", "network", "accuracy", "results equal to the reference");
  if (clock != 0) std::printf("   cycles, time at %.0f MHz, of peak", clock);
  std::printf(
      "\n%-34s %7.2f %%\n", "FP32 (Eigen, on the host)",
      examples::percent_right(examples::classes_of(scores.data(), test.count), test.labels));

  constexpr std::size_t kCalibrationImages = 1000;
  const Matrix calibration =
      examples::inputs_of(training, 0, std::min(kCalibrationImages, training.count));
  const bool int8_equal = show_quantised("INT8 weights x UINT8 activations", network,
                                         ng::Format::kInt8, calibration, test, device);
  const bool int4_equal = show_quantised("INT4 weights x UINT8 activations", network,
                                         ng::Format::kInt4, calibration, test, device);
  if (int8_equal && int4_equal) return 0;
  std::fprintf(stderr, "fashion_mnist: RESULTS DIFFER from the reference\n");
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Fashion-MNIST in FP32, INT8 and INT4, on the simulated card.");
  Options options;
  examples::add_device_options(app, options.device);
  app.add_option("--data", options.data, "folder of the dataset")->capture_default_str();
  app.add_option("--images", options.images, "test images to classify")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  app.add_option("--train-images", options.train_images, "images to learn from")
      ->capture_default_str()
      ->check(CLI::Range(100, 60000));
  app.add_option("--epochs", options.training.epochs, "passes over them")
      ->capture_default_str()
      ->check(CLI::Range(1, 100));
  CLI11_PARSE(app, argc, argv);
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fashion_mnist: %s\n", error.what());
    return 1;
  }
}
