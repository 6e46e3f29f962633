// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate/epilogue.hpp"

#include <cmath>
#include <string>

#include "narrowgate/error.hpp"

namespace narrowgate {

std::string_view to_string(Rounding rounding) noexcept {
  switch (rounding) {
    case Rounding::kOnnx:
      return "onnx";
    case Rounding::kGemmlowp:
      return "gemmlowp";
    case Rounding::kTflite:
      return "tflite";
  }
  return "unknown";
}

Rounding parse_rounding(std::string_view name) {
  for (Rounding r : {Rounding::kOnnx, Rounding::kGemmlowp, Rounding::kTflite}) {
    if (to_string(r) == name) return r;
  }
  throw UnsupportedError("unknown rounding '" + std::string(name) +
                         "': it must be one of onnx, gemmlowp, tflite");
}

FixedPoint to_fixed_point(double scale, Rounding rounding) {
  if (rounding == Rounding::kOnnx) {
    throw InvalidArgumentError("rounding onnx multiplies by an FP32 scale: it has no fixed point");
  }
  if (!(scale >= 0) || !std::isfinite(scale)) {
    throw InvalidArgumentError("scale " + std::to_string(scale) +
                               ": it must be finite and not negative");
  }
  // scale = mantissa·2^exponent with mantissa in [0.5, 1), or both 0.
  int exponent = 0;
  const double mantissa = std::frexp(scale, &exponent);
  auto multiplier = static_cast<std::int64_t>(std::round(mantissa * 2147483648.0));
  if (multiplier == std::int64_t{1} << 31) {
    multiplier /= 2;
    ++exponent;
  }
  if (exponent < -31) {
    multiplier = 0;
    exponent = 0;
  }
  if (exponent > 30) {
    throw InvalidArgumentError("scale " + std::to_string(scale) + " is too large for rounding " +
                               std::string(to_string(rounding)) + ": it must be below 2^30");
  }
  const bool right_shift = rounding == Rounding::kTflite;
  return {static_cast<std::int32_t>(multiplier), right_shift ? 31 - exponent : exponent};
}

std::string_view to_string(Activation activation) noexcept {
  switch (activation) {
    case Activation::kNone:
      return "none";
    case Activation::kGelu:
      return "gelu";
    case Activation::kSilu:
      return "silu";
  }
  return "unknown";
}

Activation parse_activation(std::string_view name) {
  for (Activation a : {Activation::kNone, Activation::kGelu, Activation::kSilu}) {
    if (to_string(a) == name) return a;
  }
  throw UnsupportedError("unknown activation '" + std::string(name) +
                         "': it must be one of none, gelu, silu");
}

OutputFormat output_format(const Epilogue& epilogue) noexcept {
  if (const auto* requant = std::get_if<RequantEpilogue>(&epilogue)) return requant->output;
  if (const auto* real = std::get_if<FloatEpilogue>(&epilogue)) return real->output;
  return OutputFormat::kInt32;
}

}  // namespace narrowgate
