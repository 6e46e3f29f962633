// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate/epilogue.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "narrowgate/error.hpp"

namespace narrowgate {
namespace {

TEST(Epilogue, NamesItsRoundings) {
  for (const Rounding r : {Rounding::kOnnx, Rounding::kGemmlowp, Rounding::kTflite}) {
    EXPECT_EQ(parse_rounding(to_string(r)), r);
  }
  EXPECT_THROW(parse_rounding("banker"), UnsupportedError);
}

TEST(Epilogue, KnowsTheFormatOfItsResult) {
  EXPECT_EQ(output_format(Int32Epilogue{}), OutputFormat::kInt32);
  EXPECT_EQ(output_format(RequantEpilogue{.output = OutputFormat::kUint8}), OutputFormat::kUint8);
  EXPECT_EQ(output_format(FloatEpilogue{}), OutputFormat::kFloat32);
}

TEST(ToFixedPoint, ReproducesScalesOf31Bits) {
  for (const Rounding rounding : {Rounding::kGemmlowp, Rounding::kTflite}) {
    for (const double scale : {1.0, 0.5, 0.25, 3401.0 / (1 << 21), 1e-9, 123456.789, 1.0 / 3.0}) {
      const FixedPoint f = to_fixed_point(scale, rounding);
      EXPECT_GE(f.multiplier, 1 << 30) << "normalised";
      const int exponent = rounding == Rounding::kTflite ? -f.shift : f.shift - 31;
      EXPECT_NEAR(std::ldexp(f.multiplier, exponent) / scale, 1.0, 0x1p-31) << scale;
    }
  }
  EXPECT_EQ(to_fixed_point(0.5, Rounding::kGemmlowp), (FixedPoint{1 << 30, 0}));
  EXPECT_EQ(to_fixed_point(0.5, Rounding::kTflite), (FixedPoint{1 << 30, 31}));
}

TEST(ToFixedPoint, CarriesARoundedUpMantissaIntoTheExponent) {
  const double scale = std::nextafter(1.0, 0.0);
  EXPECT_EQ(to_fixed_point(scale, Rounding::kGemmlowp), (FixedPoint{1 << 30, 1}));
}

TEST(ToFixedPoint, MakesTinyScalesZeroAndRefusesTheRest) {
  EXPECT_EQ(to_fixed_point(0.0, Rounding::kTflite).multiplier, 0);
  EXPECT_EQ(to_fixed_point(0x1p-33, Rounding::kGemmlowp).multiplier, 0);
  EXPECT_EQ(to_fixed_point(0x1p-32, Rounding::kGemmlowp), (FixedPoint{1 << 30, -31}));
  EXPECT_EQ(to_fixed_point(0x1p-32, Rounding::kTflite), (FixedPoint{1 << 30, 62}));
  EXPECT_EQ(to_fixed_point(0x1p29, Rounding::kTflite), (FixedPoint{1 << 30, 1}));
  for (const double bad : {-1.0, 0x1p30, std::nan(""), std::numeric_limits<double>::infinity()}) {
    EXPECT_THROW(to_fixed_point(bad, Rounding::kTflite), InvalidArgumentError) << bad;
  }
  EXPECT_THROW(to_fixed_point(0.5, Rounding::kOnnx), InvalidArgumentError);
}

}  // namespace
}  // namespace narrowgate
