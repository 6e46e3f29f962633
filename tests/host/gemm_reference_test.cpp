// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The reference defines the numerics; here its pieces are held against literal formulas and values
// worked out by hand.
#include "reference/gemm_reference.hpp"
#include "reference/outputs.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "random_problem.hpp"

namespace narrowgate::testing {
namespace {

using internal::requantise_gemmlowp;
using internal::requantise_onnx;
using internal::requantise_tflite;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// As the epilogue goes on: with the clamp.
template <typename Sum>
float scale_to_float(Sum x, float scale, float channel_scale, float bias, float lo, float hi) {
  std::vector<float> row = {internal::scale_to_float(x, scale, channel_scale, bias)};
  float stored = 0;
  FloatEpilogue epilogue;
  epilogue.clamp_lo = lo;
  epilogue.clamp_hi = hi;
  internal::store_floats(epilogue, 0, row, OutputView::row_major(&stored, 1, 1));
  return stored;
}

std::uint32_t bits(float value) { return std::bit_cast<std::uint32_t>(value); }

TEST(RequantiseOnnx, RoundsHalvesToEven) {
  const std::pair<int, int> expected[] = {{1, 0},  {3, 2},   {5, 2},   {7, 4},  {2, 1},
                                          {-1, 0}, {-3, -2}, {-5, -2}, {-7, -4}};
  for (const auto& [x, r] : expected) EXPECT_EQ(requantise_onnx(x, 0.5F), r) << x;
}

TEST(RequantiseOnnx, RoundsTheSumToFp32First) {
  EXPECT_EQ(requantise_onnx(16777217, 1.0F), 16777216);
  EXPECT_EQ(requantise_onnx(16777219, 1.0F), 16777220);
}

TEST(RequantiseOnnx, Saturates) {
  EXPECT_EQ(requantise_onnx(INT32_MAX, 1.0F), INT32_MAX);
  EXPECT_EQ(requantise_onnx(INT32_MIN, 1.0F), INT32_MIN);
  EXPECT_EQ(requantise_onnx(1'000'000, 1e30F), INT32_MAX);
  EXPECT_EQ(requantise_onnx(-1'000'000, 1e30F), INT32_MIN);
  EXPECT_EQ(requantise_onnx(INT32_MIN, std::numeric_limits<float>::max()), INT32_MIN);
  EXPECT_EQ(requantise_onnx(INT32_MAX, std::numeric_limits<float>::denorm_min()), 0);
}

TEST(RequantiseGemmlowp, RoundsHalvesOfTheShiftAwayFromZero) {
  // Scale 1/8: the multiplication by 1/2 is exact for even numbers, the shift by 2 rounds.
  const FixedPoint eighth{1 << 30, -2};
  const std::pair<int, int> expected[] = {{4, 1},     {12, 2},  {8, 1},    {20, 3},
                                          {3 * 2, 1}, {-4, -1}, {-12, -2}, {-20, -3},
                                          {-8, -1},   {2, 0},   {-2, 0}};
  for (const auto& [x, r] : expected) EXPECT_EQ(requantise_gemmlowp(x, eighth), r) << x;
}

TEST(RequantiseGemmlowp, RoundsTwice) {
  // 3/8 = 0.375 rounds to 0 at once, but 3/2 -> 2 and 2/4 -> 1 in two steps.
  EXPECT_EQ(requantise_gemmlowp(3, {1 << 30, -2}), 1);
  EXPECT_EQ(requantise_tflite(3, {1 << 30, 33}), 0);
}

TEST(RequantiseGemmlowp, RoundsHalvesOfTheProductUpwards) {
  // The nudge of a negative product is 1 - 2^30, so -1/2 rounds to 0 and -3/2 to -1.
  EXPECT_EQ(requantise_gemmlowp(1, {1 << 30, 0}), 1);
  EXPECT_EQ(requantise_gemmlowp(-1, {1 << 30, 0}), 0);
  EXPECT_EQ(requantise_gemmlowp(-3, {1 << 30, 0}), -1);
}

TEST(RequantiseGemmlowp, SaturatesTheLeftShift) {
  EXPECT_EQ(requantise_gemmlowp(1 << 20, {1 << 30, 15}), 1 << 30);
  EXPECT_EQ(requantise_gemmlowp(-(1 << 20), {INT32_MAX, 30}), -INT32_MAX);
}

TEST(RequantiseGemmlowp, MatchesTheFormulaOnRandomValues) {
  Rng rng(11);
  for (int i = 0; i < 20000; ++i) {
    const auto x = static_cast<std::int32_t>(uniform(rng, INT32_MIN, INT32_MAX));
    const auto m = static_cast<std::int32_t>(uniform(rng, 0, INT32_MAX));
    const auto shift = static_cast<int>(uniform(rng, -31, 0));
    // Round the exact product to the nearest, halves upwards; then half away from zero.
    const long double product = static_cast<long double>(x) * m / 0x1p31L;
    const auto high = static_cast<std::int64_t>(std::floor(product + 0.5L));
    const long double scaled = std::ldexp(static_cast<long double>(high), shift);
    const auto expected = static_cast<std::int64_t>(std::round(scaled));
    ASSERT_EQ(requantise_gemmlowp(x, {m, shift}), expected) << x << " " << m << " " << shift;
  }
}

TEST(RequantiseTflite, RoundsHalvesUpwards) {
  const FixedPoint half{1, 1};
  const std::pair<int, int> expected[] = {{1, 1}, {-1, 0}, {3, 2}, {-3, -1}, {2, 1}, {-2, -1}};
  for (const auto& [x, r] : expected) EXPECT_EQ(requantise_tflite(x, half), r) << x;
}

TEST(RequantiseTflite, IsGemmlowpsRecordedOutputStage) {
  for (const int acc : {-100000, -74980, -1, 0, 1, 12345, 80000}) {
    const int expected = static_cast<int>(((acc + 74980LL) * 3401 + (1 << 20)) >> 21);
    EXPECT_EQ(requantise_tflite(acc + 74980, {3401, 21}), expected) << acc;
  }
}

TEST(RequantiseTflite, Saturates) {
  EXPECT_EQ(requantise_tflite(INT32_MAX, {INT32_MAX, 1}), INT32_MAX);
  EXPECT_EQ(requantise_tflite(INT32_MIN, {INT32_MAX, 1}), INT32_MIN);
  EXPECT_EQ(requantise_tflite(INT32_MIN, {INT32_MAX, 62}), -1);
  EXPECT_EQ(requantise_tflite(INT32_MAX, {INT32_MAX, 62}), 1);
}

TEST(ScaleToFloat, RoundsTheExactProductOnce) {
  // 2^24+1 is no FP32 number: rounding it first would give 2^24·3 = 50331648.
  EXPECT_EQ(scale_to_float(16777217, 3.0F, 1.0F, -0.0F, -kInfinity, kInfinity), 50331652.0F);
  // A product that a double would round to a tie of FP32 first: (2^30+65)(1+2^-23)... by brute
  // force.
  Rng rng(5);
  for (int i = 0; i < 20000; ++i) {
    const auto x = static_cast<std::int32_t>(uniform(rng, INT32_MIN, INT32_MAX));
    const float scale =
        std::bit_cast<float>(static_cast<std::uint32_t>(uniform(rng, 0x00000001, 0x7F7FFFFF)));
    const auto exact = static_cast<__float128>(x) * static_cast<__float128>(scale);
    ASSERT_EQ(bits(scale_to_float(x, scale, 1.0F, -0.0F, -kInfinity, kInfinity)),
              bits(static_cast<float>(exact)))
        << x << " " << scale;
  }
}

TEST(ScaleToFloat, KeepsSubnormals) {
  const float tiny = std::numeric_limits<float>::denorm_min();
  EXPECT_EQ(scale_to_float(3, tiny, 1.0F, -0.0F, -kInfinity, kInfinity), 3 * tiny);
  EXPECT_EQ(scale_to_float(1, 0x1p-126F, 0.5F, -0.0F, -kInfinity, kInfinity), 0x1p-127F);
  EXPECT_EQ(scale_to_float(3, tiny, 0.5F, -0.0F, -kInfinity, kInfinity), 2 * tiny) << "tie to even";
}

TEST(ScaleToFloat, KeepsTheSignOfZero) {
  EXPECT_EQ(bits(scale_to_float(0, -1.0F, 1.0F, -0.0F, -kInfinity, kInfinity)), 0x80000000U);
  EXPECT_EQ(bits(scale_to_float(0, 1.0F, 1.0F, -0.0F, -kInfinity, kInfinity)), 0U);
  EXPECT_EQ(bits(scale_to_float(0, -1.0F, 1.0F, -0.0F, 0.0F, kInfinity)), 0x80000000U)
      << "ReLU leaves -0";
}

TEST(ScaleToFloat, MakesEveryNanTheSameAndClampsNone) {
  const float nan = std::bit_cast<float>(0xFFC12345U);
  EXPECT_EQ(bits(scale_to_float(1, nan, 1.0F, 0.0F, 0.0F, 1.0F)), 0x7FC00000U);
  EXPECT_EQ(bits(scale_to_float(0, kInfinity, 1.0F, 0.0F, 0.0F, 1.0F)), 0x7FC00000U);
  EXPECT_EQ(bits(scale_to_float(1, kInfinity, 1.0F, -kInfinity, 0.0F, 1.0F)), 0x7FC00000U);
}

TEST(ScaleToFloat, OverflowsToInfinityAndClamps) {
  EXPECT_EQ(scale_to_float(2, 3e38F, 1.0F, -0.0F, -kInfinity, kInfinity), kInfinity);
  EXPECT_EQ(scale_to_float(2, 3e38F, 1.0F, -0.0F, -kInfinity, 7.5F), 7.5F);
  EXPECT_EQ(scale_to_float(-2, 3e38F, 1.0F, -0.0F, -7.5F, 7.5F), -7.5F);
}

TEST(GemmReference, MatchesTheEquationForEveryPairOfIntegers) {
  const Device reference = Device::open("reference");
  std::uint64_t seed = 0;
  for (const FormatInfo& a : formats()) {
    for (const FormatInfo& b : formats()) {
      if (!a.is_plain_integer() || !b.is_plain_integer()) continue;
      const RandomCall call = random_call(++seed, a.format, b.format, 0, 7, 9, 11);
      const std::vector<std::uint32_t> c = result_bits(reference, call, seed);
      const auto& bias = std::get<Int32Epilogue>(call.problem.options.epilogue).bias;
      for (std::size_t m = 0; m < 7; ++m) {
        for (std::size_t n = 0; n < 9; ++n) {
          std::int64_t sum = bias.empty() ? 0 : bias[n];
          for (std::size_t k = 0; k < 11; ++k) {
            sum += std::int64_t{call.a.at(m, k) - call.problem.options.a_zero} *
                   (call.b.at(k, n) - call.problem.options.b_zero);
          }
          ASSERT_EQ(static_cast<std::int32_t>(c[m * 9 + n]), sum) << call.line;
        }
      }
    }
  }
}

TEST(GemmReference, IsExactAtTheBoundOnK) {
  const Device reference = Device::open("reference");
  const std::size_t k = max_k(Format::kInt8, Format::kInt8);
  const std::vector<std::int8_t> a(k, -128);
  std::int32_t c = 0;
  gemm(reference, MatrixView::row_major(a.data(), Format::kInt8, 1, k),
       MatrixView::row_major(a.data(), Format::kInt8, k, 1), {}, OutputView::row_major(&c, 1, 1));
  EXPECT_EQ(c, 131071 * 16384);
}

TEST(GemmReference, AddsTheOutputZeroPointWithoutOverflowAndClamps) {
  const Device reference = Device::open("reference");
  const std::int8_t a = 100, b = 100;
  std::uint8_t c = 0;
  GemmOptions options;
  options.epilogue = RequantEpilogue{
      .output = OutputFormat::kUint8, .scales = {1e30}, .out_zero = 255, .clamp_hi = 250};
  const auto run = [&] {
    gemm(reference, MatrixView::row_major(&a, Format::kInt8, 1, 1),
         MatrixView::row_major(&b, Format::kInt8, 1, 1), options, OutputView::row_major(&c, 1, 1));
    return c;
  };
  EXPECT_EQ(run(), 250);
  options.epilogue = RequantEpilogue{.output = OutputFormat::kUint8,
                                     .scales = {0.001},
                                     .bias = {-20000},
                                     .out_zero = 7,
                                     .relu = true};
  EXPECT_EQ(run(), 7) << "ReLU stops at the zero-point";
}

}  // namespace
}  // namespace narrowgate::testing
