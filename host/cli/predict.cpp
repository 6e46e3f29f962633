// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate/predict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <narrowgate_xclbin/xclbin.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "command.hpp"
#include "failure.hpp"
#include "model/image_model.hpp"
#include "narrowgate/device.hpp"
#include "roofline.hpp"

namespace narrowgate::cli {
namespace {

using internal::ImageModel;

struct Options {
  std::string card;
  std::string image;
  PredictedShape shape{512, 512, 512, {}, {}};
  std::string a_format = "int8";
  std::string b_format = "int8";
  double clock_mhz = 0;
  std::string roofline;
  bool as_json = false;
};

ImageModel read(const std::filesystem::path& path, double clock_mhz) {
  return ImageModel::of(xclbin::ReadImage(path).metadata, path, clock_mhz);
}

/// The image with the largest array that is for this card.
ImageModel largest_for(const std::string& card, double clock_mhz) {
  std::vector<ImageModel> found;
  std::string others;
  for (const std::filesystem::path& folder : image_search_path()) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      if (entry.path().extension() != ".xclbin") continue;
      try {
        ImageModel model = read(entry.path(), clock_mhz);
        if (model.image.card.starts_with(card)) {
          found.push_back(std::move(model));
        } else if (others.find(model.image.card) == std::string::npos) {
          others += (others.empty() ? "" : ", ") + model.image.card;
        }
      } catch (const std::exception&) {  // not an image of this kernel
        continue;
      }
    }
  }
  const auto cells = [](const ImageModel& model) {
    return model.image.geometry.tile_rows * model.image.geometry.tile_cols;
  };
  const auto largest = std::ranges::max_element(found, {}, cells);
  if (largest == found.end()) {
    throw InputError(fmt::format("there is no image for card '{}': there are images for {}", card,
                                 others.empty() ? "none" : others));
  }
  return *largest;
}

ImageModel model_of(const Options& options) {
  if (options.image.empty()) {
    return largest_for(options.card.empty() ? "u250" : options.card, options.clock_mhz);
  }
  ImageModel model = read(find_image(options.image), options.clock_mhz);
  if (!model.image.card.starts_with(options.card)) {
    throw InputError(fmt::format("image {} is for {}, not for '{}'", model.image.name,
                                 model.image.card, options.card));
  }
  return model;
}

void print_json(const ImageModel& model, const Options& options, const Prediction& p) {
  const nlohmann::json json = {{"image", model.image.name},
                               {"card", model.image.card},
                               {"m", options.shape.m},
                               {"n", options.shape.n},
                               {"k", options.shape.k},
                               {"a_format", options.a_format},
                               {"b_format", options.b_format},
                               {"cycles", p.cycles},
                               {"compute_cycles", p.compute_cycles},
                               {"memory_cycles", p.memory_cycles},
                               {"overhead_cycles", p.overhead_cycles},
                               {"bound", name(p.bound)},
                               {"utilisation", p.utilisation()},
                               {"peak_macs_per_cycle", p.peak_macs_per_cycle},
                               {"bytes", p.bytes},
                               {"least_bytes", p.least_bytes},
                               {"assumed_clock_mhz", p.clock_mhz},
                               {"seconds", p.seconds()}};
  fmt::print("{}\n", json.dump(2));
}

void print_text(const ImageModel& model, const Options& options, const Prediction& p) {
  const auto share = [&](std::uint64_t cycles) {
    return 100 * static_cast<double>(cycles) / static_cast<double>(p.cycles);
  };
  fmt::print("{} x {} x {}, {} x {}, image {} on {}\n", options.shape.m, options.shape.n,
             options.shape.k, options.a_format, options.b_format, model.image.name,
             model.image.card);
  fmt::print("{:<14} {} (estimated)\n", "cycles", p.cycles);
  fmt::print("{:<14} {:.6g} ms at an assumed {:g} MHz\n", "time", p.seconds() * 1e3, p.clock_mhz);
  fmt::print("{:<14} {}: array {:.1f} %, waiting for memory {:.1f} %, overhead {:.1f} %\n", "bound",
             name(p.bound), share(p.compute_cycles), share(p.memory_cycles),
             share(p.overhead_cycles));
  fmt::print("{:<14} {:.4g} MB moved, {:.2f} times the least that the buffers allow\n", "memory",
             p.bytes * 1e-6, p.bytes / p.least_bytes);
  fmt::print("{:<14} {:.1f} % of {} MAC a cycle\n", "of the peak", 100 * p.utilisation(),
             p.peak_macs_per_cycle);
}

int predict_command(Options& options) {
  try {
    const ImageModel model = model_of(options);
    if (!options.roofline.empty()) {
      std::ofstream file(options.roofline);
      file << roofline_svg(model);
      if (!file.flush()) throw InputError(options.roofline + ": cannot be written");
      return kExitOk;
    }
    options.shape.a = parse_blocked_format(options.a_format);
    options.shape.b = parse_blocked_format(options.b_format);
    const Prediction prediction = internal::predict_on(model, options.shape);
    (options.as_json ? print_json : print_text)(model, options, prediction);
  } catch (const xclbin::Error& error) {
    throw InputError(error.what());
  }
  return kExitOk;
}

}  // namespace

void add_predict(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("predict", "Estimate a product's cycles and time on a card");
  const auto options = std::make_shared<Options>();
  command->add_option("--card", options->card,
                      "the card, or how its name begins: u250, u55c (default: the image's, u250)");
  command->add_option("--image", options->image,
                      "name or path of the image (default: the card's with the largest array)");
  command->add_option("--m", options->shape.m, "rows of A and C")->capture_default_str();
  command->add_option("--n", options->shape.n, "columns of B and C")->capture_default_str();
  command->add_option("--k", options->shape.k, "columns of A, rows of B")->capture_default_str();
  command->add_option("--a-format", options->a_format, "int8, mxfp4, int4_g128, ...")
      ->capture_default_str();
  command->add_option("--b-format", options->b_format, "the same for B")->capture_default_str();
  command
      ->add_option("--clock", options->clock_mhz,
                   "MHz of the kernel, an assumption (default: the image's target)")
      ->check(CLI::Range(1.0, 2000.0));
  command->add_option("--roofline", options->roofline, "draw the card's roofline to this SVG file");
  command->add_flag("--json", options->as_json, "print JSON");
  command->footer(
      "One call that finds the card at rest, results in INT32 or FP32. Nothing is simulated: the\n"
      "model is in docs/predictor.md, and make test holds it to simulated cycles.\n"
      "Examples:\n"
      "  narrowgate predict --card u55c --m 1024 --n 1024 --k 1024 --a-format mxfp4 --b-format "
      "mxfp4\n"
      "  narrowgate predict --image gemm_int8 --m 1 --n 4096 --k 4096 --clock 450\n"
      "  narrowgate predict --card u250 --roofline roofline.svg");
  command->callback(
      [&action, options] { action = [options] { return predict_command(*options); }; });
}

}  // namespace narrowgate::cli
