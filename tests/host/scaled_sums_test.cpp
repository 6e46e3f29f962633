// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Products of formats with scales and of floating-point elements, against an oracle that follows
// the seams word by word in quadruple precision: exact, since no block's sum with its scales has
// more than 113 bits at these sizes.
#include "reference/scaled_sums.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "decode.hpp"
#include "random_problem.hpp"

namespace narrowgate::testing {
namespace {

using Quad = __float128;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

double element(const OwnedMatrix& x, Side side, std::size_t lane, std::size_t k, int zero) {
  const bool is_a = side == Side::kA;
  const FormatInfo& format = info(x.view.format);
  const int code = is_a ? x.at(lane, k) : x.at(k, lane);
  const double exponent = format.format == Format::kMxint8 ? -6 : 0;
  const std::size_t block = x.view.scales.block;
  if (block != 0) zero += x.zero(lane, k / block);
  return (decode_element(format.code & 0xFF, static_cast<std::uint32_t>(code)) - zero) *
         std::pow(2.0, exponent);
}

/// The sum in FP32: blocks exactly, one rounding each, added up in ascending k.
float oracle_sum(const RandomCall& call, std::size_t m, std::size_t n) {
  const Problem& p = call.problem;
  std::size_t block = std::max(p.a_block, p.b_block);
  if (block == 0) block = p.k;
  volatile float accumulator = 0;
  for (std::size_t first = 0; first < p.k; first += block) {
    Quad sum = 0;
    for (std::size_t k = first; k < std::min(first + block, p.k); ++k) {
      sum += static_cast<Quad>(element(call.a, Side::kA, m, k, p.options.a_zero)) *
             static_cast<Quad>(element(call.b, Side::kB, n, k, p.options.b_zero));
    }
    sum *= static_cast<Quad>(call.a.scale(m, first / block));
    sum *= static_cast<Quad>(call.b.scale(n, first / block));
    accumulator = accumulator + static_cast<float>(sum);
  }
  return accumulator;
}

std::uint32_t oracle(const RandomCall& call, std::size_t m, std::size_t n) {
  const Problem& p = call.problem;
  const auto& e = std::get<FloatEpilogue>(p.options.epilogue);
  volatile float scale = p.a_tensor_scale * p.b_tensor_scale;
  scale = scale * e.scale;
  volatile float f = oracle_sum(call, m, n) * scale;
  if (!e.channel_scales.empty()) f = f * e.channel_scales[n];
  if (!e.bias.empty()) f = f + e.bias[n];
  if (std::isnan(f)) return 0x7FC00000;
  const float lo = e.relu ? std::max(e.clamp_lo, 0.0F) : e.clamp_lo;
  return std::bit_cast<std::uint32_t>(f < lo ? lo : f > e.clamp_hi ? e.clamp_hi : f);
}

bool is_int32_sum(Format a, Format b) {
  for (const Format format : {a, b}) {
    const FormatInfo& f = info(format);
    if (f.has_scales() ||
        (f.is_float && f.element != Format::kE2m1 && f.element != Format::kE2m3)) {
      return false;
    }
  }
  return true;
}

class ScaledSums : public ::testing::TestWithParam<std::tuple<Format, Format>> {};

TEST_P(ScaledSums, AreTheOraclesInEveryBit) {
  const auto [a, b] = GetParam();
  const Device reference = Device::open("reference");
  for (std::uint64_t i = 0; i < 24; ++i) {
    const std::uint64_t seed = 104729 * i + 64 * static_cast<int>(a) + static_cast<int>(b);
    RandomCall call = random_call(seed, a, b, kEpilogueKinds - 1, 70);
    if (is_int32_sum(a, b)) {
      // fl(x·s) of an int32 x is another rounding than that of an FP32 sum, unless x is short.
      call.problem.options.epilogue = FloatEpilogue{.scale = 0.25F, .bias = {}};
      call.a.view.scales.tensor_scale = call.b.view.scales.tensor_scale = 1.0F;
      call.problem.a_tensor_scale = call.problem.b_tensor_scale = 1.0F;
      if (call.problem.k > 16) continue;
    }
    const std::vector<std::uint32_t> got = result_bits(reference, call, seed);
    for (std::size_t j = 0; j < got.size(); ++j) {
      const std::uint32_t expected = oracle(call, j / call.problem.n, j % call.problem.n);
      // Integer sums of zero with a negative scale are −0, as products of an int32 0.
      ASSERT_TRUE(got[j] == expected || (is_int32_sum(a, b) && (got[j] | expected) << 1 == 0))
          << call.line << " element " << j << ": " << std::hex << got[j] << " " << expected;
    }
  }
}

std::vector<std::tuple<Format, Format>> scaled_pairs() {
  std::vector<std::tuple<Format, Format>> pairs;
  for (const FormatInfo& a : formats()) {
    for (const FormatInfo& b : formats()) {
      const bool integers = a.is_plain_integer() && b.is_plain_integer();
      if (!integers && can_share_blocks(a.format, b.format)) pairs.emplace_back(a.format, b.format);
    }
  }
  return pairs;
}

INSTANTIATE_TEST_SUITE_P(Pairs, ScaledSums, ::testing::ValuesIn(scaled_pairs()),
                         [](const auto& test) {
                           return std::string(narrowgate::info(std::get<0>(test.param)).name) +
                                  "_x_" +
                                  std::string(narrowgate::info(std::get<1>(test.param)).name);
                         });

/// One lane each, K from the number of codes.
float dot(Format format, const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b,
          const BlockScales& a_scales = {}, const BlockScales& b_scales = {}) {
  const Device reference = Device::open("reference");
  GemmOptions options;
  options.epilogue = FloatEpilogue{};
  float c = 0;
  gemm(reference, MatrixView::row_major(a.data(), format, 1, a.size()).with(a_scales),
       MatrixView::row_major(b.data(), format, b.size(), 1).with(b_scales), options,
       OutputView::row_major(&c, 1, 1));
  return c;
}

std::uint32_t bits(float value) { return std::bit_cast<std::uint32_t>(value); }

float mx_dot(std::uint8_t a_scale, std::uint8_t b_scale, std::uint8_t a, std::uint8_t b) {
  return dot(Format::kMxfp8E4m3, {a}, {b}, {.data = &a_scale}, {.data = &b_scale});
}

TEST(ScaledSumsDirected, TakeE8m0ScalesAtTheirExtremes) {
  EXPECT_EQ(mx_dot(0, 127, 0x38, 0x38), 0x1p-127F) << "a subnormal result";
  EXPECT_EQ(mx_dot(0, 105, 0x38, 0x38), 0x1p-149F);
  EXPECT_EQ(mx_dot(0, 104, 0x38, 0x38), 0.0F) << "a tie to even";
  EXPECT_EQ(mx_dot(0, 104, 0x39, 0x38), 0x1p-149F);
  EXPECT_EQ(mx_dot(254, 0, 0x38, 0x38), 1.0F);
  EXPECT_EQ(mx_dot(254, 127, 0x38, 0x38), 0x1p127F);
  EXPECT_EQ(mx_dot(254, 127, 0x40, 0xB8), -kInfinity);
  EXPECT_EQ(mx_dot(254, 254, 0x00, 0x7E), 0.0F) << "0 stays 0 under the largest scales";
  EXPECT_EQ(bits(mx_dot(255, 0, 0x00, 0x00)), 0x7FC00000U) << "a NaN scale, even of zeros";
  EXPECT_EQ(bits(mx_dot(127, 255, 0x38, 0x38)), 0x7FC00000U);
}

TEST(ScaledSumsDirected, TakeUe4m3ScalesAtTheirExtremes) {
  const std::vector<std::uint8_t> ones(16, 2);
  const auto with = [&](std::uint8_t a, std::uint8_t b) {
    return dot(Format::kNvfp4, ones, ones, {.data = &a}, {.data = &b});
  };
  EXPECT_EQ(with(0x01, 0x01), 16 * 0x1p-18F);
  EXPECT_EQ(with(0x7E, 0x7E), 16 * 448.0F * 448.0F);
  EXPECT_EQ(with(0x00, 0x7E), 0.0F);
  EXPECT_EQ(bits(with(0x7F, 0x00)), 0x7FC00000U);
}

TEST(ScaledSumsDirected, AreExactOverTheWholeRangeOfE5m2) {
  // 57344² − 57344² + 2^-16·2^-16 beside one another: 65 bits apart.
  EXPECT_EQ(dot(Format::kE5m2, {0x7B, 0x7B, 0x01}, {0x7B, 0xFB, 0x01}), 0x1p-32F);
  EXPECT_EQ(dot(Format::kE5m2, {0x7B, 0x01}, {0x7B, 0x01}), 57344.0F * 57344.0F);
  // 2^30 + 2^6 is a tie of FP32; the smallest product decides it.
  EXPECT_EQ(dot(Format::kE5m2, {0x78, 0x48, 0x01}, {0x78, 0x48, 0x01}), 0x1p30F + 128);
  EXPECT_EQ(dot(Format::kE5m2, {0x78, 0x48, 0x81}, {0x78, 0x48, 0x01}), 0x1p30F);
}

TEST(ScaledSumsDirected, FollowIeeeForSpecialElements) {
  EXPECT_EQ(dot(Format::kE5m2, {0x7C, 0x3C}, {0x3C, 0x7B}), kInfinity);
  EXPECT_EQ(dot(Format::kE5m2, {0xFC}, {0x3C}), -kInfinity);
  EXPECT_EQ(dot(Format::kE5m2, {0xFC}, {0xFC}), kInfinity);
  EXPECT_EQ(bits(dot(Format::kE5m2, {0x7C}, {0x00})), 0x7FC00000U) << "infinity times 0";
  EXPECT_EQ(bits(dot(Format::kE5m2, {0x7C, 0x7C}, {0x3C, 0xBC})), 0x7FC00000U);
  EXPECT_EQ(bits(dot(Format::kE5m2, {0xFD}, {0x00})), 0x7FC00000U);
  EXPECT_EQ(bits(dot(Format::kE4m3, {0xFF}, {0x00})), 0x7FC00000U);
}

TEST(ScaledSumsDirected, StartAtPlusZero) {
  EXPECT_EQ(bits(dot(Format::kE4m3, {0x80}, {0x38})), 0U) << "-0 times 1";
  EXPECT_EQ(bits(dot(Format::kE4m3, {0xB8, 0x38}, {0x38, 0x38})), 0U) << "-1 + 1";
}

TEST(ScaledSumsDirected, AddBlocksInAscendingOrder) {
  // 2^24 + 1 + 1 is 2^24 from left to right, and 1 + 1 + 2^24 is 2^24 + 2.
  std::vector<std::uint8_t> codes(96, 0);
  codes[0] = codes[32] = codes[64] = 0x38;
  const std::uint8_t up[] = {127 + 24, 127, 127};
  const std::uint8_t down[] = {127, 127, 127 + 24};
  const std::uint8_t one[] = {127, 127, 127};
  EXPECT_EQ(dot(Format::kMxfp8E4m3, codes, codes, {.data = up}, {.data = one}), 0x1p24F);
  EXPECT_EQ(dot(Format::kMxfp8E4m3, codes, codes, {.data = down}, {.data = one}), 0x1p24F + 2);
}

TEST(ScaledSumsDirected, KeepNanToTheResultsThatItTouches) {
  const std::size_t m = 5, n = 6, k = 70;
  std::vector<std::uint8_t> a(m * k, 0x38), b(k * n, 0x38), a_scales(m * 3, 127),
      b_scales(n * 3, 127);
  a[3 * k + 69] = 0x7F;
  a_scales[1 * 3 + 2] = 0xFF;
  b_scales[4 * 3 + 0] = 0xFF;
  std::vector<float> c(m * n);
  GemmOptions options;
  options.epilogue = FloatEpilogue{.relu = true};
  gemm(Device::open("reference"),
       MatrixView::row_major(a.data(), Format::kMxfp8E4m3, m, k)
           .with({.data = a_scales.data(), .lane_stride = 3}),
       MatrixView::row_major(b.data(), Format::kMxfp8E4m3, k, n)
           .with({.data = b_scales.data(), .lane_stride = 3}),
       options, OutputView::row_major(c.data(), m, n));
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (i == 3 || i == 1 || j == 4) {
        EXPECT_EQ(bits(c[i * n + j]), 0x7FC00000U) << i << " " << j;
      } else {
        EXPECT_EQ(c[i * n + j], 70.0F) << i << " " << j;
      }
    }
  }
}

TEST(ScaledSumsDirected, MultiplyLongTensorsExactly) {
  // Longer than the partial sums in doubles are exact: 65536 steps and a rest.
  const std::size_t k = 200001;
  std::vector<std::uint8_t> a(k), b(k);
  Rng rng(31);
  Quad sum = 0;
  for (std::size_t i = 0; i < k; ++i) {
    a[i] = static_cast<std::uint8_t>(uniform(rng, 0, 0x7E) | uniform(rng, 0, 1) << 7);
    b[i] = static_cast<std::uint8_t>(uniform(rng, 0, 0x7E));
    sum += static_cast<Quad>(decode_element(7, a[i])) * static_cast<Quad>(decode_element(7, b[i]));
  }
  EXPECT_EQ(dot(Format::kE4m3, a, b), static_cast<float>(sum));
}

}  // namespace
}  // namespace narrowgate::testing
