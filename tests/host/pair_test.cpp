// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/pair.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "decode.hpp"

namespace narrowgate::testing {
namespace {

using internal::element_range;
using internal::pair_of;
using internal::peak_macs;

TEST(Pair, HasTheClassOfTheSeams) {
  EXPECT_EQ(pair_of(Format::kMxfp4, Format::kInt4).multiply_class, ng_formats::kNibble);
  EXPECT_EQ(pair_of(Format::kInt4, Format::kUint4Group).multiply_class, ng_formats::kByte)
      << "zero-points make five bits";
  EXPECT_EQ(pair_of(Format::kMxfp4, Format::kMxint8).multiply_class, ng_formats::kByte);
  EXPECT_EQ(pair_of(Format::kMxfp6E2m3, Format::kMxfp4).multiply_class, ng_formats::kByte);
  EXPECT_EQ(pair_of(Format::kMxfp6E3m2, Format::kMxfp4).multiply_class, ng_formats::kFloat);
  EXPECT_EQ(pair_of(Format::kInt8, Format::kE5m2).multiply_class, ng_formats::kFloat);
}

TEST(Pair, SumsInInt32WithoutScalesAndWideElements) {
  EXPECT_TRUE(pair_of(Format::kUint8, Format::kInt4).int32_sums);
  EXPECT_TRUE(pair_of(Format::kE2m1, Format::kE2m3).int32_sums);
  EXPECT_FALSE(pair_of(Format::kE2m1, Format::kE4m3).int32_sums);
  EXPECT_FALSE(pair_of(Format::kInt8, Format::kInt4Group).int32_sums);
  EXPECT_TRUE(pair_of(Format::kUint8, Format::kInt4).plain_integers);
  EXPECT_FALSE(pair_of(Format::kE2m1, Format::kInt4).plain_integers);
}

TEST(Pair, KnowsTheUnitOfItsSums) {
  EXPECT_EQ(pair_of(Format::kMxint8, Format::kMxint8).sum_exponent, -12);
  EXPECT_EQ(pair_of(Format::kE4m3, Format::kE4m3).sum_exponent, -18);
  EXPECT_EQ(pair_of(Format::kE5m2, Format::kMxfp4).sum_exponent, -17);
  EXPECT_EQ(pair_of(Format::kInt8, Format::kInt4Group).sum_exponent, 0);
}

TEST(Pair, KnowsTheRangeOfEveryElement) {
  for (const FormatInfo& format : formats()) {
    if (format.scale == ScaleKind::kFp32AndZero) continue;
    const std::uint32_t element = format.code & 0xFF;
    double lo = 0, hi = 0;
    for (std::uint32_t code = 0; code < 1U << element_bits(element); ++code) {
      const double steps = decode_element(element, code) / std::exp2(element_lsb(element));
      if (!std::isfinite(steps)) continue;
      lo = std::min(lo, steps);
      hi = std::max(hi, steps);
    }
    EXPECT_EQ(static_cast<double>(element_range(format.format, 0).lo), lo) << format.name;
    EXPECT_EQ(static_cast<double>(element_range(format.format, 0).hi), hi) << format.name;
  }
  EXPECT_EQ(element_range(Format::kUint4Group, 0).lo, -15);
  EXPECT_EQ(element_range(Format::kUint4Group, 0).hi, 15);
  EXPECT_EQ(element_range(Format::kUint8, 128).lo, -128);
}

TEST(Pair, TakesTheBlockFromEitherSide) {
  Problem p{1, 1, 100, Format::kInt8, Format::kMxfp4, {}};
  EXPECT_EQ(internal::block_of(p), 32U);
  p.b_format = Format::kInt4Group;
  EXPECT_THROW(internal::block_of(p), ShapeError) << "groups need their length";
  p.b_block = 48;
  EXPECT_EQ(internal::block_of(p), 48U);
  p.b_block = 128;
  EXPECT_EQ(internal::block_of(p), 100U) << "one block of all K";
  p.a_format = Format::kMxfp4;
  try {
    internal::block_of(p);
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(),
                 "A's scales (mxfp4) cover 32 elements along K and B's (int4_group) 100: both must "
                 "have blocks of the same length");
  }
  p.b_format = Format::kE4m3;
  p.a_format = Format::kE4m3;
  EXPECT_EQ(internal::block_of(p), 100U);
}

TEST(Pair, KnowsThePeakOfTheArray) {
  EXPECT_EQ(peak_macs(Format::kInt8, Format::kInt4, 512, 1024), 1024U);
  EXPECT_EQ(peak_macs(Format::kInt4, Format::kInt4, 512, 1024), 2048U);
  EXPECT_EQ(peak_macs(Format::kMxfp4, Format::kMxfp4, 32, 1024), 2048U);
  EXPECT_EQ(peak_macs(Format::kNvfp4, Format::kNvfp4, 16, 1024), 1024U);
  EXPECT_EQ(peak_macs(Format::kE4m3, Format::kE4m3, 512, 1024), 512U);
  EXPECT_EQ(peak_macs(Format::kMxfp8E4m3, Format::kMxfp8E5m2, 32, 1024), 512U);
}

}  // namespace
}  // namespace narrowgate::testing
