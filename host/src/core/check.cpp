// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/check.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <tuple>

#include "core/engine.hpp"
#include "core/pair.hpp"

namespace narrowgate {
namespace internal {
namespace {

std::string str(std::int64_t value) { return std::to_string(value); }
std::string str(std::string_view value) { return std::string(value); }

void check_zero_point(const char* name, std::int32_t zero, int min, int max,
                      std::string_view format) {
  if (zero < min || zero > max) {
    throw ZeroPointError(str(name) + " zero-point " + str(zero) + " is outside the range of " +
                         str(format) + ", " + str(min) + " to " + str(max));
  }
}

/// A matrix's zero-point: in the range of plain integers, and 0 for all other formats.
void check_zero_of(const char* name, std::int32_t zero, const FormatInfo& format) {
  const bool may_have_one = format.is_plain_integer();
  check_zero_point(name, zero, may_have_one ? format.min : 0, may_have_one ? format.max : 0,
                   format.name);
}

/// A per-channel vector has N entries; where a tensor-wide value will do, 1 as well.
void check_channels(const char* name, std::size_t entries, std::size_t n, bool one_allowed) {
  if (entries == n || (one_allowed && entries == 1)) return;
  throw ShapeError(str(name) + " has " + std::to_string(entries) + " entries: it must have " +
                   (one_allowed ? "1 or " : "") + std::to_string(n) + ", one for each column of C");
}

struct Range {
  std::int32_t lo = 0;
  std::int32_t hi = 0;
};

Range bias_range(const std::vector<std::int32_t>& bias) {
  Range range;
  for (const std::int32_t value : bias) {
    range.lo = std::min(range.lo, value);
    range.hi = std::max(range.hi, value);
  }
  return range;
}

void check_bound_on_k(const Problem& p, const std::vector<std::int32_t>& bias) {
  const Range range = bias_range(bias);
  const GemmOptions& o = p.options;
  const std::size_t limit = max_k(p.a_format, p.b_format, o.a_zero, o.b_zero, range.lo, range.hi);
  const std::size_t block = block_of(p);
  if (block <= limit) return;
  const Pair pair = pair_of(p.a_format, p.b_format);
  const std::string what = pair.int32_sums ? "K" : "a block";
  const bool is_float = pair.multiply_class == ng_formats::kFloat;
  throw AccumulatorRangeError(what + " = " + std::to_string(block) + " could overflow " +
                              (is_float ? "127 bits" : "int32") + ": " + what + " may be up to " +
                              std::to_string(limit) + " for " + str(info(p.a_format).name) + " x " +
                              str(info(p.b_format).name) + " with zero-points " + str(o.a_zero) +
                              " and " + str(o.b_zero) + " and bias from " + str(range.lo) + " to " +
                              str(range.hi));
}

/// Zero-points and tensor scales, where the pair leaves no room for them.
void check_pair(const Problem& p) {
  const Pair pair = pair_of(p.a_format, p.b_format);
  const std::string formats = str(info(p.a_format).name) + " x " + str(info(p.b_format).name);
  const bool to_float = std::holds_alternative<FloatEpilogue>(p.options.epilogue);
  if (!to_float && (p.a_tensor_scale != 1.0F || p.b_tensor_scale != 1.0F)) {
    throw InvalidArgumentError("tensor scales " + std::to_string(p.a_tensor_scale) + " and " +
                               std::to_string(p.b_tensor_scale) +
                               " need the float epilogue: with others they must be 1");
  }
  if (pair.plain_integers) return;
  if (!to_float) {
    throw UnsupportedError(formats +
                           " has FP32 sums: it takes the float epilogue, not the one of " +
                           str(info(output_format(p.options.epilogue)).name));
  }
  for (const auto& [name, format, zero] :
       {std::tuple{"A's", p.a_format, p.options.a_zero}, {"B's", p.b_format, p.options.b_zero}}) {
    if (zero == neutral_zero(format)) continue;
    throw ZeroPointError(str(name) + " zero-point " + str(zero) + " does not go with " + formats +
                         ": it must be " + str(neutral_zero(format)) + " for " +
                         str(info(format).name));
  }
}

void check_epilogue(const Int32Epilogue& e, const Problem& p) {
  if (!e.bias.empty()) check_channels("bias", e.bias.size(), p.n, false);
  check_bound_on_k(p, e.bias);
}

void check_scales(const RequantEpilogue& e, std::size_t n) {
  if (e.scales.empty() == e.fixed_point.empty()) {
    throw InvalidArgumentError("requantisation needs either scales or fixed-point multipliers: " +
                               std::to_string(e.scales.size()) + " and " +
                               std::to_string(e.fixed_point.size()) + " were given");
  }
  if (e.scales.empty()) {
    check_channels("fixed_point", e.fixed_point.size(), n, true);
    if (e.rounding == Rounding::kOnnx) {
      throw InvalidArgumentError("rounding onnx takes scales, not fixed-point multipliers");
    }
    const bool tflite = e.rounding == Rounding::kTflite;
    const Range shifts = tflite ? Range{1, 62} : Range{-31, 30};
    for (std::size_t i = 0; i < e.fixed_point.size(); ++i) {
      const FixedPoint& f = e.fixed_point[i];
      if (f.multiplier < 0 || f.shift < shifts.lo || f.shift > shifts.hi) {
        throw InvalidArgumentError(
            "fixed_point[" + std::to_string(i) + "] = {" + str(f.multiplier) + ", " + str(f.shift) +
            "}: the multiplier must be 0 or more and the shift " + str(shifts.lo) + " to " +
            str(shifts.hi) + " for rounding " + str(to_string(e.rounding)));
      }
    }
    return;
  }
  check_channels("scales", e.scales.size(), n, true);
  for (std::size_t i = 0; i < e.scales.size(); ++i) {
    const double scale = e.scales[i];
    const bool is_fp32 = e.rounding == Rounding::kOnnx;
    const double used = is_fp32 ? static_cast<double>(static_cast<float>(scale)) : scale;
    if (!(used > 0) || !std::isfinite(used)) {
      throw InvalidArgumentError("scales[" + std::to_string(i) + "] = " + std::to_string(scale) +
                                 ": it must be finite and above 0" + (is_fp32 ? " in FP32" : ""));
    }
    if (!is_fp32) to_fixed_point(scale, e.rounding);
  }
}

void check_epilogue(const RequantEpilogue& e, const Problem& p) {
  if (e.output != OutputFormat::kInt8 && e.output != OutputFormat::kUint8) {
    throw InvalidArgumentError("requantisation makes int8 or uint8, not " +
                               str(info(e.output).name));
  }
  check_scales(e, p.n);
  if (!e.bias.empty()) check_channels("bias", e.bias.size(), p.n, false);
  const OutputFormatInfo& out = info(e.output);
  check_zero_point("output", e.out_zero, out.min, out.max, out.name);
  const Bounds bounds = output_bounds(e);
  if (bounds.lo > bounds.hi) {
    throw InvalidArgumentError("the clamp is empty: its lower bound " + str(bounds.lo) +
                               " is above its upper bound " + str(bounds.hi));
  }
  check_bound_on_k(p, e.bias);
}

void check_float_output(const FloatEpilogue& e) {
  const OutputFormatInfo& out = info(e.output);
  if (e.output == OutputFormat::kInt32) {
    throw InvalidArgumentError("the float epilogue does not make int32");
  }
  const bool is_integer = e.output == OutputFormat::kInt8 || e.output == OutputFormat::kUint8;
  check_zero_point("output", e.out_zero, is_integer ? out.min : 0, is_integer ? out.max : 0,
                   out.name);
}

void check_epilogue(const FloatEpilogue& e, const Problem& p) {
  check_float_output(e);
  if (!e.channel_scales.empty()) {
    check_channels("channel_scales", e.channel_scales.size(), p.n, false);
  }
  if (!e.bias.empty()) check_channels("bias", e.bias.size(), p.n, false);
  const float lo = e.relu ? std::max(e.clamp_lo, 0.0F) : e.clamp_lo;
  if (!(lo <= e.clamp_hi)) {
    throw InvalidArgumentError("the clamp is empty: its lower bound " + std::to_string(lo) +
                               " is not below its upper bound " + std::to_string(e.clamp_hi));
  }
  check_bound_on_k(p, {});
}

/// That the scales are those that the format has.
void check_blocks(const BlockScales& scales, const FormatInfo& format, const std::string& prefix) {
  constexpr std::size_t kMax = std::numeric_limits<std::int32_t>::max();
  const std::string is = prefix + " is " + str(format.name);
  if (format.has_scales() != (scales.data != nullptr)) {
    throw InvalidArgumentError(is + (format.has_scales()
                                         ? ", which needs scales: they are null"
                                         : ", which has no scales: some are given"));
  }
  if (scales.zeros != nullptr && format.scale != ScaleKind::kFp32AndZero) {
    throw InvalidArgumentError(is + ", which has no zero-points: some are given");
  }
  if (scales.block > kMax || (format.is_group() && scales.block == 0)) {
    throw ShapeError(is + " with blocks of " + std::to_string(scales.block) +
                     " elements: they must have 1 to " + std::to_string(kMax));
  }
  if (format.block != 0 && scales.block != 0 && scales.block != format.block) {
    throw ShapeError(is + " with blocks of " + std::to_string(scales.block) +
                     " elements: they must have " + std::to_string(format.block));
  }
}

/// No two elements of a strided matrix may share memory.
void check_apart(const char* whose, std::size_t rows, std::size_t cols, std::ptrdiff_t row_stride,
                 std::ptrdiff_t col_stride) {
  const auto rs = static_cast<std::size_t>(std::abs(row_stride));
  const auto cs = static_cast<std::size_t>(std::abs(col_stride));
  const bool rows_apart = rows == 1 || rs >= 1;
  const bool cols_apart = cols == 1 || cs >= 1;
  const bool nested = rows == 1 || cols == 1 || rs > (cols - 1) * cs || cs > (rows - 1) * rs;
  if (!rows_apart || !cols_apart || !nested) {
    throw ShapeError(std::string(whose) + " strides " + str(row_stride) + " and " +
                     str(col_stride) + " make elements of the " + std::to_string(rows) + " x " +
                     std::to_string(cols) + " matrix overlap");
  }
}

/// That C is M×N.
void check_shape(std::size_t rows, std::size_t cols, const Problem& problem) {
  if (rows == problem.m && cols == problem.n) return;
  throw ShapeError("C is " + std::to_string(rows) + " x " + std::to_string(cols) +
                   ": A and B make " + std::to_string(problem.m) + " x " +
                   std::to_string(problem.n));
}

}  // namespace

void check_size(const char* name, std::size_t value) {
  constexpr std::size_t kMax = std::numeric_limits<std::int32_t>::max();
  if (value < 1 || value > kMax) {
    throw ShapeError(str(name) + " = " + std::to_string(value) + ": it must be 1 to " +
                     std::to_string(kMax));
  }
}

void check_problem(const Problem& problem) {
  check_size("M", problem.m);
  check_size("N", problem.n);
  check_size("K", problem.k);
  check_pair(problem);
  std::visit([&](const auto& epilogue) { check_epilogue(epilogue, problem); },
             problem.options.epilogue);
}

void check_matrix(const MatrixView& matrix, const char* name) {
  const std::string prefix = "matrix " + str(name);
  if (matrix.rows == 0 || matrix.cols == 0) {
    throw ShapeError(prefix + " is " + std::to_string(matrix.rows) + " x " +
                     std::to_string(matrix.cols) + ": both sizes must be at least 1");
  }
  if (matrix.data == nullptr) throw InvalidArgumentError(prefix + " has a null data pointer");
  if (matrix.storage == Storage::kNibbles && info(matrix.format).bits != 4) {
    throw InvalidArgumentError(prefix + " is stored as nibbles, which holds 4-bit formats, not " +
                               str(info(matrix.format).name));
  }
  check_blocks(matrix.scales, info(matrix.format), prefix);
}

void throw_out_of_range(const FormatInfo& format, Side side, int value, std::size_t r,
                        std::size_t c) {
  throw ValueRangeError("matrix " + str(side == Side::kA ? "A" : "B") + " has " +
                        (format.is_float ? "code " : "") + str(value) + " at (" +
                        std::to_string(r) + ", " + std::to_string(c) + "): the range of " +
                        str(info(format.element).name) + (format.is_float ? "'s codes" : "") +
                        " is " + str(format.min) + " to " + str(format.max));
}

void check_output(const OutputView& c, const Problem& problem) {
  check_shape(c.rows, c.cols, problem);
  if (c.data == nullptr) throw InvalidArgumentError("C has a null data pointer");
  if (info(c.format).is_mx != (c.scales != nullptr)) {
    throw InvalidArgumentError("C is " + str(info(c.format).name) +
                               (c.scales != nullptr ? ", which has no scales: some are given"
                                                    : ", which needs scales: they are null"));
  }
  const OutputFormat made = output_format(problem.options.epilogue);
  if (c.format != made) {
    throw InvalidArgumentError("C is " + str(info(c.format).name) + ": the epilogue makes " +
                               str(info(made).name));
  }
  check_apart("C's", c.rows, c.cols, c.row_stride, c.col_stride);
  if (c.scales != nullptr) {
    check_apart("C's scales'", c.rows, mx_blocks(c.cols), c.scale_row_stride, c.scale_block_stride);
  }
}

void check_result(const OperandImpl& c, const Problem& problem) {
  const OutputFormatInfo& made = info(output_format(problem.options.epilogue));
  if (!made.is_mx || c.format != made.operand) {
    throw InvalidArgumentError("C is an operand of " + str(info(c.format).name) +
                               ": the epilogue makes " + str(made.name));
  }
  check_shape(c.rows, c.cols, problem);
}

Bounds output_bounds(const RequantEpilogue& e) {
  const OutputFormatInfo& out = info(e.output);
  Bounds bounds{out.min, out.max};
  bounds.lo = std::max(bounds.lo, e.clamp_lo.value_or(out.min));
  bounds.hi = std::min(bounds.hi, e.clamp_hi.value_or(out.max));
  if (e.relu) bounds.lo = std::max(bounds.lo, e.out_zero);
  return bounds;
}

FixedPoint channel_fixed_point(const RequantEpilogue& e, std::size_t n) {
  if (!e.fixed_point.empty()) return e.fixed_point[e.fixed_point.size() == 1 ? 0 : n];
  return to_fixed_point(e.scales[e.scales.size() == 1 ? 0 : n], e.rounding);
}

}  // namespace internal

std::size_t max_k(Format a, Format b, std::int32_t a_zero, std::int32_t b_zero,
                  std::int32_t min_bias, std::int32_t max_bias) {
  internal::check_zero_of("A's", a_zero, info(a));
  internal::check_zero_of("B's", b_zero, info(b));
  if (internal::pair_of(a, b).multiply_class == ng_formats::kFloat) {
    return internal::max_float_block(a, b);
  }
  const auto [a_lo, a_hi] = internal::element_range(a, a_zero);
  const auto [b_lo, b_hi] = internal::element_range(b, b_zero);
  // A zero-point lies in its format's range, so product_lo <= 0 <= product_hi and not both are 0.
  const auto [product_lo, product_hi] =
      std::minmax({a_lo * b_lo, a_lo * b_hi, a_hi * b_lo, a_hi * b_hi});
  const std::int64_t room_up = INT32_MAX - std::max<std::int64_t>(max_bias, 0);
  const std::int64_t room_down = -(INT32_MIN - std::min<std::int64_t>(min_bias, 0));
  std::int64_t limit = INT32_MAX;
  if (product_hi > 0) limit = std::min(limit, room_up / product_hi);
  if (product_lo < 0) limit = std::min(limit, room_down / -product_lo);
  return static_cast<std::size_t>(limit);
}

}  // namespace narrowgate
