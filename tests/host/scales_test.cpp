// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/scales.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace narrowgate::testing {
namespace {

using internal::ScaleReader;

const std::uint8_t kElements[64] = {};

/// What checking 2 lanes of 3 blocks says; empty when it is content.
std::string complaint(Side side, Format format, const BlockScales& scales, std::size_t k) {
  const bool is_a = side == Side::kA;
  const MatrixView view =
      MatrixView::row_major(kElements, format, is_a ? 2 : k, is_a ? k : 2).with(scales);
  try {
    ScaleReader(side, view).check();
    return "";
  } catch (const ValueRangeError& error) {
    return error.what();
  }
}

TEST(ScaleReader, FindsScalesByLaneAndBlock) {
  const std::uint8_t codes[] = {1, 2, 3, 9, 4, 5, 6, 9};
  const MatrixView a = MatrixView::row_major(kElements, Format::kMxfp4, 2, 70)
                           .with({.data = codes, .lane_stride = 4});
  const ScaleReader reader(Side::kA, a);
  EXPECT_EQ(reader.lanes(), 2U);
  EXPECT_EQ(reader.blocks(), 3U);
  EXPECT_EQ(reader.code(1, 2), 6);
  // The transposed matrix is a B with the same lanes.
  const ScaleReader transposed(Side::kB, a.transposed());
  EXPECT_EQ(transposed.lanes(), 2U);
  EXPECT_EQ(transposed.blocks(), 3U);
  EXPECT_EQ(transposed.code(1, 2), 6);
}

TEST(ScaleReader, RefusesWhatIsNoScale) {
  std::vector<std::uint8_t> codes(6, 0x38);
  const BlockScales by_lane{.data = codes.data(), .lane_stride = 3};
  EXPECT_EQ(complaint(Side::kA, Format::kNvfp4, by_lane, 48), "");
  codes[4] = 0x80;
  EXPECT_EQ(complaint(Side::kA, Format::kNvfp4, by_lane, 48),
            "matrix A has the scale code 128 for block 1 of row 1: that of UE4M3 is 0 to 127");
  EXPECT_EQ(complaint(Side::kA, Format::kMxfp4, by_lane, 96), "") << "E8M0 takes every code";

  std::vector<float> numbers(6, -2.0F);
  std::vector<std::uint8_t> zeros(6, 15);
  const BlockScales groups{
      .data = numbers.data(), .lane_stride = 3, .zeros = zeros.data(), .block = 10};
  numbers[1] = std::nanf("");
  EXPECT_EQ(complaint(Side::kB, Format::kUint4Group, groups, 30), "");
  zeros[5] = 16;
  EXPECT_EQ(complaint(Side::kB, Format::kUint4Group, groups, 30),
            "matrix B has the zero-point 16 for block 2 of column 1: that of uint4 is 0 to 15");
  numbers[0] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(complaint(Side::kB, Format::kUint4Group, groups, 30),
            "matrix B has the scale inf for block 0 of column 0: it must be finite or NaN");
}

}  // namespace
}  // namespace narrowgate::testing
