// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What happens to each exact sum  acc[m,n] = Σₖ (A[m,k] − a_zero)·(B[k,n] − b_zero)  on its way
// out. Below, fl() is one rounding to FP32, RNE() rounds to the nearest integer (ties to even), and
// x[m,n] = acc[m,n] + bias[n] is exact in int32 (a call that could overflow is refused).
// Each epilogue owns its vectors, so it may be dropped as soon as a call has returned.
// Per-channel vectors run along N: entry n belongs to column n of C.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "narrowgate/format.hpp"

namespace narrowgate {

/// C = x, as INT32.
struct Int32Epilogue {
  std::vector<std::int32_t> bias{};  ///< N entries, or empty for 0
};

/// How a sum is multiplied by a real scale s and rounded to an integer r.
enum class Rounding : std::uint8_t {
  kOnnx,      ///< ONNX Runtime: r = RNE(fl(fl(x)·fl(s)))
  kGemmlowp,  ///< gemmlowp, double rounding: SaturatingRoundingDoublingHighMul, then a rounding
              ///< right shift with ties away from zero
  kTflite,    ///< TFLite, single rounding: r = (x·m + 2^(shift−1)) >> shift, ties upwards
};

std::string_view to_string(Rounding rounding) noexcept;
/// "onnx", "gemmlowp" or "tflite"; throws UnsupportedError.
Rounding parse_rounding(std::string_view name);

/// A scale as integer hardware holds it.
///  - kGemmlowp: s = multiplier·2^(shift−31); multiplier 0…2³¹−1, shift −31…30 (> 0 shifts left
///    before the multiplication, < 0 right after it).
///  - kTflite: s = multiplier·2^(−shift); multiplier 0…2³¹−1, shift 1…62. gemmlowp's
///    OutputStageQuantizeDownInt32ToUint8Scale, ((acc + b)·3401 + 2²⁰) >> 21, is {3401, 21} with
///    bias b.
struct FixedPoint {
  std::int32_t multiplier = 0;
  std::int32_t shift = 1;
  friend bool operator==(const FixedPoint&, const FixedPoint&) = default;
};

/// The fixed-point form of a real scale ≥ 0, as TFLite's QuantizeMultiplier makes it (a 31-bit
/// mantissa rounded half away from zero; 0 for scales too small). Throws InvalidArgumentError for a
/// scale that is negative, not finite or too large for `rounding`, or when `rounding` is kOnnx.
FixedPoint to_fixed_point(double scale, Rounding rounding);

/// C = clamp(r + out_zero), as INT8 or UINT8, r being `x` times the scale rounded to an integer.
/// The bounds are the output format's range, narrowed by clamp_lo and clamp_hi, and with `relu` the
/// lower one is at least out_zero.
struct RequantEpilogue {
  OutputFormat output = OutputFormat::kInt8;  ///< kInt8 or kUint8
  Rounding rounding = Rounding::kOnnx;
  std::vector<double> scales{};           ///< 1 (per tensor) or N entries, > 0 and finite;
                                          ///< kOnnx rounds each to FP32 first
  std::vector<FixedPoint> fixed_point{};  ///< instead of `scales`, not with kOnnx; 1 or N
  std::vector<std::int32_t> bias{};       ///< N entries, or empty for 0
  std::int32_t out_zero = 0;              ///< in the output format's range
  bool relu = false;
  std::optional<std::int32_t> clamp_lo{};  ///< in units of the output, out_zero included
  std::optional<std::int32_t> clamp_hi{};
};

/// A function of the scaled sums.
enum class Activation : std::uint8_t {
  kNone,
  kGelu,  ///< its tanh form: ½·f·(1 + tanh(√(2/π)·(f + 0.044715·f³)))
  kSilu,  ///< f / (1 + e^−f)
};
std::string_view to_string(Activation activation) noexcept;  ///< "none", "gelu", "silu"
/// Throws UnsupportedError.
Activation parse_activation(std::string_view name);

/// f = fl(fl(fl(x·s)·channel_scales[n]) + bias[n]), g = activation(f), C = output(clamp(g)), in
/// FP32 with subnormals, where s = fl(fl(s_A·s_B)·scale) with the operands' tensor scales
/// (BlockScales), and x is the sum: exact in int32, or FP32 for formats with scales or wide
/// elements (gemm.hpp). fl(x·s) is one rounding of the exact product. Sums of E2M1 and E2M3 count
/// steps 2^u of their products; there s = fl(fl(fl(s_A·s_B)·scale)·2^u), exact unless it is
/// subnormal. A NaN stays a NaN (0x7FC00000). With `relu` the lower bound is at least 0 (and −0
/// stays −0).
///
/// Activations are f·σ(u) with a tabulated logistic function (docs/seams.md, section 12), the same
/// bits on every device: |g − exact| ≤ 2^-21·|f| + ½ ulp(g) (measured by
/// tests/hls/activation_test.cpp over every seventh FP32 number; the table itself is off by
/// 2^-24.5).
///
/// `output` is any format but kInt32. BF16 rounds to nearest even, E4M3 and E5M2 saturate as well
/// (infinity becomes the largest number), INT8 and UINT8 are RNE(g) + out_zero, saturated, 0 for
/// NaN. MX formats have a scale for each 32 columns of a row by rule floor, as quantize() makes
/// them.
struct FloatEpilogue {
  OutputFormat output = OutputFormat::kFloat32;
  float scale = 1.0F;
  std::vector<float> channel_scales{};  ///< N entries, or empty for 1
  std::vector<float> bias{};            ///< N entries, or empty for none (adds −0)
  bool relu = false;
  float clamp_lo = -std::numeric_limits<float>::infinity();
  float clamp_hi = std::numeric_limits<float>::infinity();
  Activation activation = Activation::kNone;
  std::int32_t out_zero = 0;  ///< of an INT8 or UINT8 output, in its range
};

using Epilogue = std::variant<Int32Epilogue, RequantEpilogue, FloatEpilogue>;

/// The format of C that an epilogue makes.
OutputFormat output_format(const Epilogue& epilogue) noexcept;

}  // namespace narrowgate
