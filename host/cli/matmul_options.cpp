// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "matmul_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <vector>

#include "failure.hpp"

namespace narrowgate::cli {
namespace {

/// A vector is one with N entries along one dimension: (N,), (1, N), (N, 1), or a scalar.
NpyArray read_vector(const std::string& path, const char* option, std::size_t n, bool one_allowed) {
  NpyArray array = read_npy(path);
  const std::size_t entries = array.elements();
  const auto long_dimensions =
      std::ranges::count_if(array.shape, [](std::size_t dimension) { return dimension != 1; });
  if (long_dimensions > 1 || !(entries == n || (one_allowed && entries == 1))) {
    throw InputError(
        fmt::format("{} {}: shape {}: it must have {}{} entries, one for each column "
                    "of C",
                    option, path, to_string(array.shape), one_allowed ? "1 or " : "", n));
  }
  return array;
}

std::vector<double> read_scales(const std::string& path, std::size_t n) {
  const NpyArray array = read_vector(path, "--scales", n, true);
  if (array.type == NpyType::kFloat32) {
    const auto values = array.as<float>();
    return {values.begin(), values.end()};
  }
  if (array.type == NpyType::kFloat64) {
    const auto values = array.as<double>();
    return {values.begin(), values.end()};
  }
  throw InputError(
      fmt::format("--scales {}: {}: it must be float32 or float64", path, info(array.type).name));
}

template <typename T>
std::vector<T> read_bias(const std::string& path, std::size_t n, NpyType type) {
  if (path.empty()) return {};
  const NpyArray array = read_vector(path, "--bias", n, false);
  if (array.type != type) {
    throw InputError(fmt::format("--bias {}: {}: it must be {} for this output format", path,
                                 info(array.type).name, info(type).name));
  }
  const auto values = array.as<T>();
  return {values.begin(), values.end()};
}

void refuse_if(bool given, const char* option, const MatmulOptions& options, const char* where) {
  if (given) {
    throw InputError(fmt::format("{} does not go with --out-format {}: it is for {}", option,
                                 options.out_format, where));
  }
}

Int32Epilogue int32_epilogue(const MatmulOptions& options, std::size_t n) {
  constexpr const char* kScaled = "int8, uint8 and float32";
  refuse_if(options.scale.has_value(), "--scale", options, kScaled);
  refuse_if(!options.scales_path.empty(), "--scales", options, kScaled);
  refuse_if(options.relu, "--relu", options, kScaled);
  return {.bias = read_bias<std::int32_t>(options.bias_path, n, NpyType::kInt32)};
}

RequantEpilogue requant_epilogue(const MatmulOptions& options, std::size_t n, OutputFormat output) {
  if (options.scale.has_value() == !options.scales_path.empty()) {
    throw InputError(
        fmt::format("--out-format {} needs either --scale or --scales", options.out_format));
  }
  RequantEpilogue epilogue;
  epilogue.output = output;
  epilogue.rounding = parse_rounding(options.rounding.empty() ? "onnx" : options.rounding);
  epilogue.scales =
      options.scale ? std::vector<double>{*options.scale} : read_scales(options.scales_path, n);
  epilogue.bias = read_bias<std::int32_t>(options.bias_path, n, NpyType::kInt32);
  epilogue.out_zero = options.out_zero.value_or(0);
  epilogue.relu = options.relu;
  return epilogue;
}

/// `lane_scales`: those that B came with.
FloatEpilogue float_epilogue(const MatmulOptions& options, std::size_t n, OutputFormat output,
                             std::span<const float> lane_scales) {
  FloatEpilogue epilogue;
  epilogue.output = output;
  epilogue.out_zero = options.out_zero.value_or(0);
  if (!options.activation.empty()) epilogue.activation = parse_activation(options.activation);
  epilogue.scale = static_cast<float>(options.scale.value_or(1.0));
  if (!options.scales_path.empty()) {
    const std::vector<double> scales = read_scales(options.scales_path, n);
    for (const double scale : scales) epilogue.channel_scales.push_back(static_cast<float>(scale));
    if (scales.size() == 1) epilogue.channel_scales.assign(n, epilogue.channel_scales.front());
  }
  if (!lane_scales.empty()) {
    if (!epilogue.channel_scales.empty()) {
      throw InputError(
          fmt::format("--scales {}: B has a scale for each column already", options.scales_path));
    }
    epilogue.channel_scales.assign(lane_scales.begin(), lane_scales.end());
  }
  epilogue.bias = read_bias<float>(options.bias_path, n, NpyType::kFloat32);
  epilogue.relu = options.relu;
  return epilogue;
}

/// Quantising makes its own zero-point.
int zero_point(const char* option, const std::optional<int>& given, const Factor& factor) {
  if (given && factor.was_quantized()) {
    throw InputError(
        fmt::format("{} {}: a matrix that is quantised on the way has its own", option, *given));
  }
  return given.value_or(factor.zero());
}

}  // namespace

void choose_output(const Factor& a, const Factor& b, MatmulOptions& options) {
  if (!options.out_format.empty()) return;
  const bool integers = narrowgate::info(a.view().format).is_plain_integer() &&
                        narrowgate::info(b.view().format).is_plain_integer() &&
                        !a.was_quantized() && !b.was_quantized();
  options.out_format = integers ? "int32" : "float32";
}

GemmOptions gemm_options(const MatmulOptions& options, const Factor& a, const Factor& b) {
  const std::size_t n = b.view().cols;
  const OutputFormat output = parse_output_format(options.out_format);
  const bool is_byte = output == OutputFormat::kInt8 || output == OutputFormat::kUint8;
  // Integers keep to integer arithmetic; whatever has FP32 sums or needs them does not.
  const bool requantises = is_byte && options.activation.empty() && b.lane_scales().empty() &&
                           narrowgate::info(a.view().format).is_plain_integer() &&
                           narrowgate::info(b.view().format).is_plain_integer();
  if (!is_byte) refuse_if(options.out_zero.has_value(), "--out-zero", options, "int8 and uint8");
  if (!requantises) {
    refuse_if(!options.rounding.empty(), "--rounding", options, "int8 and uint8 of integers");
  }
  if (output == OutputFormat::kInt32) {
    refuse_if(!b.lane_scales().empty(), "a B with a scale for each column", options, "float32");
    refuse_if(!options.activation.empty(), "--activation", options, "all others");
  }
  GemmOptions out;
  out.a_zero = zero_point("--a-zero", options.a_zero, a);
  out.b_zero = zero_point("--b-zero", options.b_zero, b);
  if (requantises) {
    out.epilogue = requant_epilogue(options, n, output);
  } else if (output == OutputFormat::kInt32) {
    out.epilogue = int32_epilogue(options, n);
  } else {
    out.epilogue = float_epilogue(options, n, output, b.lane_scales());
  }
  return out;
}

}  // namespace narrowgate::cli
