// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "reference/exact.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "random_problem.hpp"

namespace narrowgate::testing {
namespace {

using internal::round_to_float;
using internal::scale_and_round;
using internal::Wide;

std::uint32_t bits(float value) { return std::bit_cast<std::uint32_t>(value); }

/// A random integer of 1 to `most` bits, either sign.
Wide random_wide(Rng& rng, int most) {
  const Wide wide = (static_cast<Wide>(rng() >> 1) << 64) | static_cast<Wide>(rng());
  const Wide cut = wide >> (127 - uniform(rng, 1, most));
  return uniform(rng, 0, 1) != 0 ? cut : -cut;
}

TEST(RoundToFloat, IsTheOneRoundingOfQuadruplePrecision) {
  Rng rng(21);
  for (int i = 0; i < 200000; ++i) {
    const Wide integer = random_wide(rng, 113);
    const auto exponent = static_cast<int>(uniform(rng, -280, 130));
    // Powers of two in two halves: one alone may leave the range of a double.
    const auto exact = static_cast<__float128>(integer) *
                       static_cast<__float128>(std::ldexp(1.0, exponent / 2)) *
                       static_cast<__float128>(std::ldexp(1.0, exponent - exponent / 2));
    const auto expected = static_cast<float>(exact);
    const float got = round_to_float(integer, exponent);
    // The sign of a result that has become 0 does not matter to a sum.
    ASSERT_TRUE(bits(got) == bits(expected) || (got == 0 && expected == 0))
        << i << ": " << got << " " << expected << ", exponent " << exponent;
  }
}

TEST(RoundToFloat, RoundsHalvesToEven) {
  EXPECT_EQ(round_to_float((Wide{1} << 24) + 1, 0), 0x1p24F);
  EXPECT_EQ(round_to_float((Wide{1} << 24) + 3, 0), 0x1p24F + 4);
  EXPECT_EQ(round_to_float((Wide{1} << 100) + (Wide{1} << 76), -76), 0x1p24F);
  EXPECT_EQ(round_to_float((Wide{1} << 100) + (Wide{1} << 76) + 1, -76), 0x1p24F + 2);
  EXPECT_EQ(round_to_float(-((Wide{1} << 24) + 3), 0), -0x1p24F - 4);
}

TEST(RoundToFloat, KeepsSubnormalsAndOverflows) {
  const float tiny = std::numeric_limits<float>::denorm_min();
  EXPECT_EQ(round_to_float(1, -149), tiny);
  EXPECT_EQ(round_to_float(1, -150), 0.0F) << "a tie to even";
  EXPECT_EQ(round_to_float(3, -150), 2 * tiny);
  EXPECT_EQ(round_to_float(3, -151), tiny);
  EXPECT_EQ(round_to_float(1, -100000), 0.0F);
  EXPECT_EQ(round_to_float(0xFFFFFF, 104), std::numeric_limits<float>::max());
  EXPECT_EQ(round_to_float(0x1FFFFFF, 103), std::numeric_limits<float>::infinity());
  EXPECT_EQ(round_to_float(-1, 128), -std::numeric_limits<float>::infinity());
  EXPECT_EQ(round_to_float(0, 1000), 0.0F);
}

TEST(ScaleAndRound, MultipliesExactly) {
  Rng rng(22);
  for (int i = 0; i < 100000; ++i) {
    const Wide integer = random_wide(rng, 60);
    const auto significand = static_cast<double>(uniform(rng, -(1 << 24), 1 << 24));
    const auto exponent = static_cast<int>(uniform(rng, -140, 60));
    const double scale = std::ldexp(significand, static_cast<int>(uniform(rng, -100, 60)));
    const auto exact = static_cast<__float128>(integer) * static_cast<__float128>(scale) *
                       static_cast<__float128>(std::ldexp(1.0, exponent));
    const auto expected = static_cast<float>(exact);
    const float got = scale_and_round(integer, exponent, scale);
    ASSERT_TRUE(bits(got) == bits(expected) || (got == 0 && expected == 0)) << i << " " << scale;
  }
  EXPECT_TRUE(std::isnan(scale_and_round(0, 0, std::nan(""))));
  EXPECT_EQ(scale_and_round(5, 0, 0.0), 0.0F);
}

}  // namespace
}  // namespace narrowgate::testing
