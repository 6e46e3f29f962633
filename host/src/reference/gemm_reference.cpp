// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "reference/gemm_reference.hpp"

#include <algorithm>
#include <bit>
#include <cfloat>
#include <cmath>
#include <string>

#include "core/check.hpp"
#include "core/pair.hpp"
#include "reference/outputs.hpp"
#include "reference/scaled_sums.hpp"

namespace narrowgate::internal {
namespace {

/// The elements as integers (multiples of the format's smallest step) less the zero-point, rows one
/// after the other.
std::vector<std::int16_t> integers(const DenseMatrix& matrix, std::int32_t zero) {
  const ElementTable table(matrix.format);
  std::vector<std::int16_t> values;
  values.reserve(matrix.codes.size());
  for (const std::uint8_t code : matrix.codes) {
    values.push_back(static_cast<std::int16_t>(table.integer[code] - zero));
  }
  return values;
}

/// One row of sums: Σₖ a[k]·B[k,n] for every n. No partial sum leaves int32, since check_problem()
/// has bounded K.
void row_of_sums(const std::int16_t* a, const std::vector<std::int16_t>& b, std::size_t k_count,
                 std::vector<std::int32_t>& sums) {
  std::fill(sums.begin(), sums.end(), 0);
  for (std::size_t k = 0; k < k_count; ++k) {
    const std::int16_t* b_row = &b[k * sums.size()];
    for (std::size_t n = 0; n < sums.size(); ++n) sums[n] += a[k] * b_row[n];
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

void finish_row(const Int32Epilogue& e, const Problem&, std::size_t m,
                const std::vector<std::int32_t>& sums, const OutputView& c) {
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

void finish_row(const RequantEpilogue& e, const Problem&, std::size_t m,
                const std::vector<std::int32_t>& sums, const OutputView& c) {
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

/// `sums` are int32, or FP32 sums of scaled blocks.
template <typename Sum>
void finish_row(const FloatEpilogue& e, const Problem& problem, std::size_t m,
                const std::vector<Sum>& sums, const OutputView& c) {
  const float scale = output_scale(problem, e);
  std::vector<float> row(sums.size());
  for (std::size_t n = 0; n < c.cols; ++n) {
    row[n] = scale_to_float(sums[n], scale, channel(e.channel_scales, n, 1.0F),
                            channel(e.bias, n, -0.0F));
  }
  store_floats(e, m, row, c);
}

float finish(float f, float channel_scale, float bias) {
  f = f * channel_scale;
  f = f + bias;
  return std::isnan(f) ? std::bit_cast<float>(std::uint32_t{0x7FC00000}) : f;
}

void integer_sums(const DenseMatrix& a, const DenseMatrix& b, const Problem& problem,
                  const OutputView& c) {
  const std::vector<std::int16_t> a_values = integers(a, problem.options.a_zero);
  const std::vector<std::int16_t> b_values = integers(b, problem.options.b_zero);
  std::vector<std::int32_t> sums(problem.n);
  for (std::size_t m = 0; m < problem.m; ++m) {
    row_of_sums(&a_values[m * problem.k], b_values, problem.k, sums);
    std::visit([&](const auto& epilogue) { finish_row(epilogue, problem, m, sums, c); },
               problem.options.epilogue);
  }
}

void scaled_sums(const DenseMatrix& a, const DenseMatrix& b, const Problem& problem,
                 const OutputView& c) {
  const auto& epilogue = std::get<FloatEpilogue>(problem.options.epilogue);
  ScaledSums blocks(a, b, problem);
  std::vector<float> sums(problem.n);
  for (std::size_t m = 0; m < problem.m; ++m) {
    blocks.row(m, sums);
    finish_row(epilogue, problem, m, sums, c);
  }
}

}  // namespace

void gemm_reference(const DenseMatrix& a, const DenseMatrix& b, const Problem& problem,
                    const OutputView& c) {
  if (pair_of(a.format, b.format).int32_sums) {
    integer_sums(a, b, problem, c);
  } else {
    scaled_sums(a, b, problem, c);
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

float scale_to_float(std::int32_t x, float scale, float channel_scale, float bias) {
  // 31 bits times 24 bits fit long double's 64-bit significand: the product is exact, and the
  // conversion is the one rounding.
  static_assert(LDBL_MANT_DIG >= 64, "fl(x*scale) must be rounded once");
  const auto f = static_cast<float>(static_cast<long double>(x) * static_cast<long double>(scale));
  return finish(f, channel_scale, bias);
}

float scale_to_float(float x, float scale, float channel_scale, float bias) {
  const float f = x * scale;
  return finish(f, channel_scale, bias);
}

}  // namespace narrowgate::internal
