// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Views that nobody quantised: nibbles, strides, scales of any kind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "narrowgate/error.hpp"
#include "reference.hpp"

namespace narrowgate::testing {
namespace {

using ::testing::ElementsAre;

TEST(Dequantize, ReadsNibbles) {
  const std::vector<std::uint8_t> bytes = {0x21, 0xF4};  // 1, 2, 4, 15
  const std::vector<std::uint8_t> scales = {128, 126};
  MatrixView view = MatrixView::row_major(bytes.data(), Format::kMxfp4, 2, 2).nibbles();
  view.scales = {.data = scales.data(), .lane_stride = 1};
  EXPECT_THAT(dequantize(view, Side::kA), ElementsAre(1, 2, 1, -3));
}

TEST(Dequantize, GroupsWithoutZeroPointsAreCentred) {
  const std::vector<std::uint8_t> codes = {0, 8, 15, 9};
  const std::vector<float> scales = {2.0F, 0.5F};
  MatrixView view = MatrixView::col_major(codes.data(), Format::kUint4Group, 4, 1);
  view.scales = {.data = scales.data(), .lane_stride = 2, .block = 2};
  EXPECT_THAT(dequantize(view, Side::kB), ElementsAre(-16, 0, 3.5F, 0.5F));
  const std::vector<std::uint8_t> zeros = {0, 15};
  view.scales.zeros = zeros.data();
  EXPECT_THAT(dequantize(view, Side::kB), ElementsAre(0, 16, 0, -3));
}

TEST(Dequantize, GivesOneNanForAll) {
  const std::vector<std::uint8_t> codes = {0xFF, 0x7F, 0x38};
  const std::vector<std::uint8_t> scales = {0xFF};
  MatrixView plain = MatrixView::row_major(codes.data(), Format::kE4m3, 1, 3);
  const std::vector<float> values = dequantize(plain, Side::kA);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(values[0]), 0x7FC00000U);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(values[1]), 0x7FC00000U);
  EXPECT_EQ(values[2], 1);
  MatrixView mx = MatrixView::row_major(codes.data(), Format::kMxfp8E4m3, 1, 3);
  mx.scales.data = scales.data();
  mx.scales.lane_stride = 1;
  for (const float value : dequantize(mx, Side::kA)) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(value), 0x7FC00000U);
  }
}

TEST(Dequantize, EveryScaleCodeOfE8m0) {
  const std::vector<std::uint8_t> codes = {2};  // 1 in E2M1
  for (int code = 0; code < 256; ++code) {
    const auto scale = static_cast<std::uint8_t>(code);
    MatrixView view = MatrixView::row_major(codes.data(), Format::kMxfp4, 1, 1);
    view.scales.data = &scale;
    view.scales.lane_stride = 1;
    const float value = dequantize(view, Side::kA)[0];
    if (code == 255) {
      EXPECT_TRUE(std::isnan(value));
    } else {
      EXPECT_EQ(value, std::ldexp(1.0F, code - 127)) << code;
    }
  }
}

TEST(Dequantize, RefusesGroupsWithoutALength) {
  const std::vector<std::uint8_t> codes = {1, 2};
  const float scale = 1;
  MatrixView view = MatrixView::row_major(codes.data(), Format::kInt8Group, 1, 2);
  view.scales.data = &scale;
  EXPECT_THROW(dequantize(view, Side::kA), Error);
  view.scales = {.data = nullptr, .block = 32};
  EXPECT_THROW(dequantize(view, Side::kA), Error);
}

}  // namespace
}  // namespace narrowgate::testing
