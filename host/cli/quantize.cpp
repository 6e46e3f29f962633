// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate/quantize.hpp"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "command.hpp"
#include "failure.hpp"
#include "files.hpp"
#include "narrowgate/files.hpp"
#include "npy.hpp"

namespace narrowgate::cli {
namespace {

struct Options {
  std::string input;
  std::string output;
  std::string tensor;
  std::string format;
  std::string scale_rule;
  std::string span;
  int axis = 1;
  bool no_saturate = false;
  bool fp16_scales = false;
  std::optional<std::uint64_t> seed;
  std::optional<float> tensor_scale;
  bool as_json = false;
};

/// The tensor that was named, or the only one.
const TensorInfo& choose(const TensorFile& file, const Options& options) {
  if (!options.tensor.empty()) return file.tensor(options.tensor);
  if (file.tensors().size() == 1) return file.tensors().front();
  throw InputError(
      fmt::format("{}: {} tensors: say which, --tensor NAME (narrowgate inspect lists "
                  "them)",
                  options.input, file.tensors().size()));
}

ScaleSpan span_of(const std::string& name) {
  if (name.empty() || name == "tensor") return ScaleSpan::kTensor;
  if (name == "lane") return ScaleSpan::kLane;
  if (name == "none") return ScaleSpan::kNone;
  throw InputError(fmt::format("--span {}: it must be tensor, lane or none", name));
}

QuantizeOptions quantize_options(const Options& options, const FormatInfo& format) {
  const auto refuse = [&](bool given, const char* option, const char* where) {
    if (!given) return;
    throw InputError(fmt::format("{} does not go with --format {}: it is for {}", option,
                                 options.format, where));
  };
  refuse(!options.scale_rule.empty() && format.scale != ScaleKind::kE8m0, "--scale-rule",
         "the MX formats");
  refuse(!options.span.empty() && format.has_scales(), "--span", "formats without block scales");
  refuse(options.fp16_scales && !format.is_group(), "--fp16-scales", "integer groups");
  refuse(options.no_saturate && format.specials == Specials::kNone, "--no-saturate",
         "elements with NaN, E4M3 and E5M2");
  QuantizeOptions out;
  if (!options.scale_rule.empty()) out.scale_rule = parse_scale_rule(options.scale_rule);
  out.saturate = !options.no_saturate;
  out.stochastic_seed = options.seed;
  out.span = span_of(options.span);
  out.tensor_scale = options.tensor_scale;
  out.fp16_scales = options.fp16_scales;
  return out;
}

/// Bytes that the matrix takes: elements of their own width, scales, zero-points.
double packed_bytes(const QuantizedMatrix& q) {
  return static_cast<double>(q.codes.size() * static_cast<std::size_t>(info(q.format).bits)) / 8 +
         static_cast<double>(q.scale_codes.size() + q.zeros.size() + 4 * q.scales.size() +
                             4 * q.lane_scales.size());
}

void report(const Options& options, const TensorInfo& tensor, const QuantizedMatrix& q,
            const ErrorStatistics& e) {
  const std::string format = to_string(BlockedFormat{q.format, q.block});
  const double bits = 8 * packed_bytes(q) / static_cast<double>(q.codes.size());
  if (options.as_json) {
    const nlohmann::ordered_json json = {
        {"output", options.output},
        {"tensor", tensor.name},
        {"format", format},
        {"rows", q.rows},
        {"cols", q.cols},
        {"axis", options.axis},
        {"bits_per_element", bits},
        {"tensor_scale", q.tensor_scale},
        {"max_abs_error", e.max_abs},
        {"rms_error", e.rms},
        {"sqnr_db", std::isfinite(e.sqnr_db) ? nlohmann::ordered_json(e.sqnr_db) : nullptr},
        {"not_finite", e.not_finite}};
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return;
  }
  fmt::print("{}: {}x{} in {}, {:.4g} bits an element\n", options.output, q.rows, q.cols, format,
             bits);
  fmt::print(
      "error: max {:.4g}, rms {:.4g}, SQNR {}{}\n", e.max_abs, e.rms,
      std::isfinite(e.sqnr_db) ? fmt::format("{:.2f} dB", e.sqnr_db) : "infinite",
      e.not_finite != 0 ? fmt::format(" ({} elements not finite left out)", e.not_finite) : "");
}

int run_quantize(const Options& options) {
  const BlockedFormat format = parse_blocked_format(options.format);
  const QuantizeOptions how = quantize_options(options, info(format.format));
  const TensorFile file = TensorFile::open(options.input);
  const TensorInfo& tensor = choose(file, options);
  const bool flat = tensor.shape.size() != 2;
  if (tensor.shape.empty() || tensor.elements() == 0 || (flat && options.axis == 0)) {
    throw InputError(fmt::format(
        "{}: tensor '{}' has shape {}: {}", options.input, tensor.name, to_string(tensor.shape),
        options.axis == 0 ? "--axis 0 needs two dimensions" : "it has no elements to quantise"));
  }
  check_writable(options.output);
  // Of more than two dimensions all but the last count as rows.
  const std::size_t cols = tensor.shape.back();
  const std::size_t rows = tensor.elements() / cols;
  const std::vector<float> values = file.load(tensor.name);
  const FloatView view = FloatView::row_major(values.data(), rows, cols);
  const QuantizedMatrix q = quantize(view, options.axis == 1 ? Side::kA : Side::kB, format, how);
  const ErrorStatistics error = compare(view, q);
  save_safetensors(options.output, tensor.name, q);
  report(options, tensor, q, error);
  return kExitOk;
}

}  // namespace

void add_quantize(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("quantize", "Convert a matrix to a narrow format");
  const auto o = std::make_shared<Options>();
  command->add_option("IN", o->input, "a .npy, .npz, safetensors or GGUF file")->required();
  command->add_option("--format", o->format, "mxfp4, nvfp4, int4_g128, ...: narrowgate formats")
      ->required();
  command->add_option("-o,--output", o->output, "the safetensors file to write")->required();
  command->add_option("--tensor", o->tensor, "which one, where the file holds several");
  command
      ->add_option("--axis", o->axis,
                   "along what blocks run: 1, along the rows, as a left factor needs it; 0, down "
                   "the columns, as a right one does")
      ->check(CLI::IsMember({0, 1}))
      ->capture_default_str();
  command->add_option("--scale-rule", o->scale_rule, "MX: floor (default), rceil, even or ceil");
  command->add_flag("--no-saturate", o->no_saturate,
                    "E4M3 and E5M2: overflow gives NaN or infinity, not the largest number");
  command->add_option("--stochastic", o->seed, "round elements at random, from this seed");
  command->add_option(
      "--span", o->span,
      "formats without block scales: one scale for the tensor (default), each lane, "
      "or none");
  command->add_option("--tensor-scale", o->tensor_scale,
                      "instead of the one of the largest number");
  command->add_flag("--fp16-scales", o->fp16_scales, "integer groups: scales rounded to FP16");
  command->add_flag("--json", o->as_json, "print the figures as JSON");
  command->footer(
      "Prints the largest error, the root of the mean of its square, and the signal-to-noise "
      "ratio.\n"
      "docs/formats.md describes the file that it writes; inspect lists it.\n"
      "Examples:\n"
      "  narrowgate quantize W.npy --format mxfp4 -o W.safetensors\n"
      "  narrowgate quantize W.npy --format mxfp8_e4m3 --scale-rule rceil --axis 0 -o "
      "W.safetensors\n"
      "  narrowgate quantize model.safetensors --tensor h.0.weight --format int4_g128 \\\n"
      "      --stochastic 1 -o W.safetensors");
  command->callback([&action, o] { action = [o] { return run_quantize(*o); }; });
}

}  // namespace narrowgate::cli
