// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "reference/gemm_reference.hpp"

#include <algorithm>
#include <bit>
#include <cfloat>
#include <cmath>
#include <string>

#include "core/check.hpp"

namespace narrowgate::internal {
namespace {

/// Element (r, c) of the caller's memory as a number.
int element(const MatrixView& matrix, std::size_t r, std::size_t c) {
  const std::ptrdiff_t e = static_cast<std::ptrdiff_t>(r) * matrix.row_stride +
                           static_cast<std::ptrdiff_t>(c) * matrix.col_stride;
  const bool is_signed = info(matrix.format).is_signed;
  if (matrix.storage == Storage::kNibbles) {
    // >> rounds downwards, so this holds for negative e too.
    const std::uint8_t byte = static_cast<const std::uint8_t*>(matrix.data)[e >> 1];
    const int nibble = (e & 1) != 0 ? byte >> 4 : byte & 15;
    return is_signed && nibble >= 8 ? nibble - 16 : nibble;
  }
  return is_signed ? static_cast<const std::int8_t*>(matrix.data)[e]
                   : static_cast<const std::uint8_t*>(matrix.data)[e];
}

/// One row of sums: Σₖ (A[m,k] − a_zero)·(B[k,n] − b_zero) for every n. No partial sum leaves
/// int32, since check_problem() has bounded K.
void row_of_sums(const DenseMatrix& a, const DenseMatrix& b, const GemmOptions& options,
                 std::size_t m, std::vector<std::int32_t>& sums) {
  std::fill(sums.begin(), sums.end(), 0);
  const auto b_zero = static_cast<std::int16_t>(options.b_zero);
  for (std::size_t k = 0; k < a.cols; ++k) {
    const auto a_value = static_cast<std::int16_t>(a.values[m * a.cols + k] - options.a_zero);
    const std::int16_t* b_row = &b.values[k * b.cols];
    for (std::size_t n = 0; n < b.cols; ++n) {
      const auto b_value = static_cast<std::int16_t>(b_row[n] - b_zero);
      sums[n] += a_value * b_value;
    }
  }
}

std::int32_t saturate(std::int64_t value) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(value, INT32_MIN, INT32_MAX));
}

template <typename T>
T* at(const OutputView& c, std::size_t m, std::size_t n) {
  return static_cast<T*>(c.data) + static_cast<std::ptrdiff_t>(m) * c.row_stride +
         static_cast<std::ptrdiff_t>(n) * c.col_stride;
}

template <typename T>
T channel(const std::vector<T>& values, std::size_t n, T otherwise) {
  return values.empty() ? otherwise : values[n];
}

void finish_row(const Int32Epilogue& e, std::size_t m, const std::vector<std::int32_t>& sums,
                const OutputView& c) {
  for (std::size_t n = 0; n < c.cols; ++n) {
    *at<std::int32_t>(c, m, n) = sums[n] + channel(e.bias, n, 0);
  }
}

std::int32_t requantise(const RequantEpilogue& e, std::size_t n, std::int32_t x) {
  switch (e.rounding) {
    case Rounding::kOnnx:
      return requantise_onnx(x, static_cast<float>(e.scales[e.scales.size() == 1 ? 0 : n]));
    case Rounding::kGemmlowp:
      return requantise_gemmlowp(x, channel_fixed_point(e, n));
    case Rounding::kTflite:
      return requantise_tflite(x, channel_fixed_point(e, n));
  }
  return 0;
}

void finish_row(const RequantEpilogue& e, std::size_t m, const std::vector<std::int32_t>& sums,
                const OutputView& c) {
  const Bounds bounds = output_bounds(e);
  for (std::size_t n = 0; n < c.cols; ++n) {
    const std::int32_t r = requantise(e, n, sums[n] + channel(e.bias, n, 0));
    const std::int64_t q =
        std::clamp<std::int64_t>(std::int64_t{r} + e.out_zero, bounds.lo, bounds.hi);
    if (c.format == OutputFormat::kInt8) {
      *at<std::int8_t>(c, m, n) = static_cast<std::int8_t>(q);
    } else {
      *at<std::uint8_t>(c, m, n) = static_cast<std::uint8_t>(q);
    }
  }
}

void finish_row(const Float32Epilogue& e, std::size_t m, const std::vector<std::int32_t>& sums,
                const OutputView& c) {
  const float lo = e.relu ? std::max(e.clamp_lo, 0.0F) : e.clamp_lo;
  for (std::size_t n = 0; n < c.cols; ++n) {
    *at<float>(c, m, n) = scale_to_float(sums[n], e.scale, channel(e.channel_scales, n, 1.0F),
                                         channel(e.bias, n, -0.0F), lo, e.clamp_hi);
  }
}

}  // namespace

DenseMatrix to_dense(const MatrixView& matrix, const char* name) {
  check_matrix(matrix, name);
  const FormatInfo& format = info(matrix.format);
  DenseMatrix dense{matrix.rows, matrix.cols, {}};
  dense.values.reserve(matrix.rows * matrix.cols);
  for (std::size_t r = 0; r < matrix.rows; ++r) {
    for (std::size_t c = 0; c < matrix.cols; ++c) {
      const int value = element(matrix, r, c);
      if (value < format.min || value > format.max) {
        throw ValueRangeError("matrix " + std::string(name) + " has " + std::to_string(value) +
                              " at (" + std::to_string(r) + ", " + std::to_string(c) +
                              "): the range of " + std::string(format.name) + " is " +
                              std::to_string(format.min) + " to " + std::to_string(format.max));
      }
      dense.values.push_back(static_cast<std::int16_t>(value));
    }
  }
  return dense;
}

void gemm_reference(const DenseMatrix& a, const DenseMatrix& b, const GemmOptions& options,
                    const OutputView& c) {
  std::vector<std::int32_t> sums(b.cols);
  for (std::size_t m = 0; m < a.rows; ++m) {
    row_of_sums(a, b, options, m, sums);
    std::visit([&](const auto& epilogue) { finish_row(epilogue, m, sums, c); }, options.epilogue);
  }
}

std::int32_t requantise_onnx(std::int32_t x, float scale) {
  const float f = static_cast<float>(x) * scale;
  // nearbyint rounds ties to even: nobody changes the rounding mode here.
  const float rounded = std::nearbyint(f);
  if (rounded >= 2147483648.0F) return INT32_MAX;
  if (rounded < -2147483648.0F) return INT32_MIN;
  return static_cast<std::int32_t>(rounded);
}

std::int32_t requantise_gemmlowp(std::int32_t x, FixedPoint scale) {
  const int left = std::max(scale.shift, 0);
  const int right = std::max(-scale.shift, 0);
  const std::int64_t y = saturate(std::int64_t{x} * (std::int64_t{1} << left));
  // SaturatingRoundingDoublingHighMul. Its one overflow, −2³¹·−2³¹, needs a negative multiplier.
  const std::int64_t product = y * scale.multiplier;
  const std::int64_t nudge = product >= 0 ? std::int64_t{1} << 30 : 1 - (std::int64_t{1} << 30);
  const std::int64_t high = (product + nudge) / (std::int64_t{1} << 31);  // towards zero
  // RoundingDivideByPOT: half away from zero.
  const std::int64_t mask = (std::int64_t{1} << right) - 1;
  const std::int64_t threshold = (mask >> 1) + (high < 0 ? 1 : 0);
  return static_cast<std::int32_t>((high >> right) + ((high & mask) > threshold ? 1 : 0));
}

std::int32_t requantise_tflite(std::int32_t x, FixedPoint scale) {
  const std::int64_t product = std::int64_t{x} * scale.multiplier;
  return saturate((product + (std::int64_t{1} << (scale.shift - 1))) >> scale.shift);
}

float scale_to_float(std::int32_t x, float scale, float channel_scale, float bias, float lo,
                     float hi) {
  // 31 bits times 24 bits fit long double's 64-bit significand: the product is exact, and the
  // conversion is the one rounding.
  static_assert(LDBL_MANT_DIG >= 64, "fl(x*scale) must be rounded once");
  float f = static_cast<float>(static_cast<long double>(x) * static_cast<long double>(scale));
  f = f * channel_scale;
  f = f + bias;
  if (std::isnan(f)) return std::bit_cast<float>(std::uint32_t{0x7FC00000});
  return f < lo ? lo : f > hi ? hi : f;
}

}  // namespace narrowgate::internal
