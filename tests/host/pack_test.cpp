// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pack/pack.hpp"

#include <gtest/gtest.h>

#include "random_problem.hpp"

namespace narrowgate::testing {
namespace {

using internal::Geometry;
using internal::pack_panels;
using internal::PanelLayout;

/// Section 1 of docs/seams.md, bit by bit.
std::vector<std::uint8_t> obvious_packing(const Geometry& g, Side side, const OwnedMatrix& matrix) {
  const FormatInfo& format = info(matrix.view.format);
  const bool is_a = side == Side::kA;
  const std::size_t lanes = is_a ? g.tile_rows : g.tile_cols;
  const std::size_t used = is_a ? matrix.view.rows : matrix.view.cols;
  const std::size_t k_count = is_a ? matrix.view.cols : matrix.view.rows;
  const std::size_t width = static_cast<std::size_t>(format.bits);
  const std::size_t steps_per_beat = g.port_bits / (lanes * width);
  const std::size_t beats = (k_count + steps_per_beat - 1) / steps_per_beat;
  const std::size_t panels = (used + lanes - 1) / lanes;
  std::vector<std::uint8_t> bytes(panels * beats * g.port_bits / 8, 0);
  for (std::size_t panel = 0; panel < panels; ++panel) {
    for (std::size_t k = 0; k < beats * steps_per_beat; ++k) {
      for (std::size_t l = 0; l < lanes; ++l) {
        const std::size_t lane = panel * lanes + l;
        int code = format.pad_code;
        if (lane < used && k < k_count) code = is_a ? matrix.at(lane, k) : matrix.at(k, lane);
        const std::size_t beat = panel * beats + k / steps_per_beat;
        const std::size_t bit = beat * g.port_bits + k % steps_per_beat * lanes * width + l * width;
        bytes[bit / 8] |= static_cast<std::uint8_t>((code & ((1 << width) - 1)) << bit % 8);
      }
    }
  }
  return bytes;
}

std::vector<std::int32_t> obvious_sums(Side side, const OwnedMatrix& matrix) {
  const bool is_a = side == Side::kA;
  std::vector<std::int32_t> sums(is_a ? matrix.view.rows : matrix.view.cols, 0);
  for (std::size_t r = 0; r < matrix.view.rows; ++r) {
    for (std::size_t c = 0; c < matrix.view.cols; ++c) {
      sums[is_a ? r : c] += matrix.at(r, c) - info(matrix.view.format).offset;
    }
  }
  return sums;
}

void check_packing(const Geometry& g, std::uint64_t seed, Format format, Side side, Order order,
                   std::size_t rows, std::size_t cols) {
  Rng rng(seed);
  const OwnedMatrix matrix = random_matrix(rng, format, rows, cols, order);
  const std::vector<std::uint8_t> expected = obvious_packing(g, side, matrix);
  std::vector<std::uint8_t> packed(expected.size() + 64, 0xC3);
  const std::vector<std::int32_t> sums = pack_panels(g, side, matrix.view, packed);
  const std::string line = "seed " + std::to_string(seed) + " " + std::string(info(format).name) +
                           (side == Side::kA ? " A " : " B ") + std::to_string(rows) + " x " +
                           std::to_string(cols) + " order " +
                           std::to_string(static_cast<int>(order));
  ASSERT_TRUE(std::equal(expected.begin(), expected.end(), packed.begin())) << line;
  for (std::size_t i = expected.size(); i < packed.size(); ++i) ASSERT_EQ(packed[i], 0xC3) << line;
  ASSERT_EQ(sums, obvious_sums(side, matrix)) << line;
}

class Pack : public ::testing::TestWithParam<Format> {};

TEST_P(Pack, LaysPanelsDownAsTheSeamsSay) {
  std::uint64_t seed = 0;
  for (const Side side : {Side::kA, Side::kB}) {
    for (int order = 0; order < (narrowgate::info(GetParam()).bits == 4 ? 5 : 4); ++order) {
      for (const auto& [rows, cols] : {std::pair<std::size_t, std::size_t>{1, 1},
                                       {1, 33},
                                       {33, 1},
                                       {32, 64},
                                       {31, 63},
                                       {65, 130},
                                       {130, 65},
                                       {100, 257},
                                       {600, 70},
                                       {70, 600},
                                       {16, 16},
                                       {48, 129}}) {
        check_packing({}, ++seed, GetParam(), side, static_cast<Order>(order), rows, cols);
      }
    }
  }
}

TEST_P(Pack, FollowsOtherGeometries) {
  std::uint64_t seed = 1000;
  for (const Geometry g :
       {Geometry{16, 16, 256}, Geometry{8, 64, 512}, Geometry{2, 4, 64}, Geometry{128, 32, 1024}}) {
    for (const Side side : {Side::kA, Side::kB}) {
      for (const Order order : {Order::kRowMajor, Order::kColMajor, Order::kStrided}) {
        check_packing(g, ++seed, GetParam(), side, order, 37, 41);
        check_packing(g, ++seed, GetParam(), side, order, 150, 70);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Formats, Pack, ::testing::Values(Format::kInt8, Format::kUint8, Format::kInt4, Format::kUint4),
    [](const auto& test) { return std::string(narrowgate::info(test.param).name); });

TEST(PackErrors, RefusesElementsOutsideAFourBitFormat) {
  std::vector<std::int8_t> values(70 * 40, 3);
  values[66 * 40 + 11] = 8;
  std::vector<std::uint8_t> out(1 << 16);
  try {
    pack_panels({}, Side::kA, MatrixView::row_major(values.data(), Format::kInt4, 70, 40), out);
    FAIL();
  } catch (const ValueRangeError& error) {
    EXPECT_STREQ(error.what(), "matrix A has 8 at (66, 11): the range of int4 is -8 to 7");
  }
  values[66 * 40 + 11] = -9;
  EXPECT_THROW(
      pack_panels({}, Side::kB, MatrixView::row_major(values.data(), Format::kInt4, 70, 40), out),
      ValueRangeError);
  values[66 * 40 + 11] = 16;
  try {
    pack_panels({}, Side::kB, MatrixView::col_major(values.data(), Format::kUint4, 40, 70), out);
    FAIL();
  } catch (const ValueRangeError& error) {
    EXPECT_STREQ(error.what(), "matrix B has 16 at (11, 66): the range of uint4 is 0 to 15");
  }
}

TEST(PackErrors, RefusesABufferThatIsTooShort) {
  std::vector<std::int8_t> values(40);
  std::vector<std::uint8_t> out(63);
  EXPECT_THROW(
      pack_panels({}, Side::kA, MatrixView::row_major(values.data(), Format::kInt8, 20, 2), out),
      InvalidArgumentError);
}

}  // namespace
}  // namespace narrowgate::testing
