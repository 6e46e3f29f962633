// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "reference.hpp"

namespace narrowgate::testing {
namespace {

std::vector<Format> plain_formats() {
  std::vector<Format> plain;
  for (const FormatInfo& format : formats()) {
    if (!format.has_scales()) plain.push_back(format.format);
  }
  return plain;
}

TEST(Stochastic, NumbersThatHaveACodeKeepIt) {
  for (const Format format : plain_formats()) {
    for (int c = 0; c < 1 << info(format).bits; ++c) {
      const float value = decode(format, static_cast<std::uint8_t>(c));
      for (const std::uint32_t random : {0U, 1U, 0x80000000U, 0xFFFFFFFFU}) {
        ASSERT_EQ(encode_stochastic(format, value, random), encode(format, value))
            << info(format).name << " code " << c;
      }
    }
  }
}

TEST(Stochastic, OnlyTheNeighboursAppearAndTheMeanIsTheNumber) {
  constexpr std::uint32_t kSeed = 12;
  std::mt19937 random(kSeed);
  for (const Format format : plain_formats()) {
    const auto max = static_cast<double>(
        decode(format, static_cast<std::uint8_t>(info(format).is_float ? info(format).max_code
                                                                       : info(format).max)));
    const double lowest = info(format).is_float ? std::ldexp(1.0, info(format).lsb) / 3 : 0.3;
    for (double x = lowest; x < max; x *= 3.7) {
      const auto value = static_cast<float>(x);
      constexpr int kDraws = 20000;
      double sum = 0;
      double below = -HUGE_VAL;
      double above = HUGE_VAL;
      for (int i = 0; i < kDraws; ++i) {
        const double got =
            decode(format, encode_stochastic(format, value, static_cast<std::uint32_t>(random())));
        sum += got;
        (got <= value ? below : above) = got;
        ASSERT_TRUE(got == below || got == above);
      }
      if (above == HUGE_VAL || below == -HUGE_VAL) continue;
      EXPECT_NEAR(sum / kDraws, value, 4 * (above - below) / 2 / std::sqrt(kDraws))
          << info(format).name << " of " << value << " seed " << kSeed;
      // Neighbours: nothing lies between them.
      const double middle = (below + above) / 2;
      const double nearest = decode(format, encode(format, static_cast<float>(middle)));
      EXPECT_TRUE(nearest == below || nearest == above) << info(format).name << " " << value;
    }
  }
}

TEST(Stochastic, OverflowAndNanAreAsWithoutIt) {
  for (const Format format : {Format::kE4m3, Format::kE5m2, Format::kE2m1}) {
    for (const bool saturate : {true, false}) {
      for (const float value : {HUGE_VALF, -HUGE_VALF, std::nanf(""), 1e30F, -1e30F}) {
        EXPECT_EQ(encode_stochastic(format, value, 77, saturate), encode(format, value, saturate))
            << info(format).name << " " << value;
      }
    }
  }
}

TEST(Stochastic, BitsDependOnSeedAndPlaceOnly) {
  constexpr std::uint32_t kSeed = 13;
  std::mt19937 random(kSeed);
  std::normal_distribution<float> normal;
  std::vector<float> values(64 * 64);
  for (float& x : values) x = normal(random);
  const FloatView view = FloatView::row_major(values.data(), 64, 64);
  QuantizeOptions options;
  options.stochastic_seed = 1;
  const BlockedFormat format{Format::kE4m3, 0};
  const QuantizedMatrix a = quantize(view, Side::kA, format, options);
  const QuantizedMatrix b = quantize(view, Side::kB, format, options);
  EXPECT_EQ(dequantize(a), dequantize(b)) << "the side does not matter where there are no blocks";
  EXPECT_EQ(quantize(view, Side::kA, format, options).codes, a.codes);
  options.stochastic_seed = 2;
  EXPECT_NE(quantize(view, Side::kA, format, options).codes, a.codes);
  options.stochastic_seed.reset();
  EXPECT_NE(quantize(view, Side::kA, format, options).codes, a.codes);
}

TEST(Stochastic, ScalesAreNeverRandom) {
  constexpr std::uint32_t kSeed = 14;
  std::mt19937 random(kSeed);
  std::normal_distribution<float> normal;
  std::vector<float> values(8 * 256);
  for (float& x : values) x = normal(random);
  const FloatView view = FloatView::row_major(values.data(), 8, 256);
  for (const FormatInfo& format : formats()) {
    const BlockedFormat blocked{format.format, format.is_group() ? 64 : format.block};
    QuantizeOptions options;
    const QuantizedMatrix nearest = quantize(view, Side::kA, blocked, options);
    options.stochastic_seed = 3;
    const QuantizedMatrix at_random = quantize(view, Side::kA, blocked, options);
    EXPECT_EQ(nearest.scale_codes, at_random.scale_codes);
    EXPECT_EQ(nearest.scales, at_random.scales);
    EXPECT_EQ(nearest.zeros, at_random.zeros);
    EXPECT_NE(nearest.codes, at_random.codes) << format.name;
  }
}

}  // namespace
}  // namespace narrowgate::testing
