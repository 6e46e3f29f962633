// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pack/unpack.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "random_problem.hpp"

namespace narrowgate::testing {
namespace {

using internal::Geometry;
using internal::ResultLayout;

internal::TilePlan plan_of(const Geometry& g, std::size_t rows, std::size_t cols) {
  return internal::one_range(internal::ceil_div(rows, g.tile_rows),
                             internal::ceil_div(cols, g.tile_cols));
}

TEST(Unpack, TakesEachElementFromItsTileAndTouchesNothingElse) {
  std::uint64_t seed = 0;
  for (const Geometry g : {Geometry{}, Geometry{16, 64, 512}}) {
    for (const OutputFormat format : {OutputFormat::kInt32, OutputFormat::kInt8,
                                      OutputFormat::kUint8, OutputFormat::kFloat32}) {
      for (const Order order : {Order::kRowMajor, Order::kColMajor, Order::kStrided}) {
        for (const auto& [rows, cols] :
             {std::pair<std::size_t, std::size_t>{1, 1}, {32, 32}, {33, 31}, {70, 100}}) {
          Rng rng(++seed);
          const ResultLayout layout = ResultLayout::of(g, rows, cols, format);
          std::vector<std::uint8_t> tiles(layout.bytes());
          for (std::uint8_t& byte : tiles) byte = static_cast<std::uint8_t>(rng());
          GuardedOutput out(rng, format, rows, cols, order);
          internal::unpack_result(g, plan_of(g, rows, cols), tiles, out.view());
          ASSERT_TRUE(out.surroundings_untouched()) << "seed " << seed;
          const std::vector<std::uint32_t> bits = out.bits();
          const std::size_t n_tiles = (cols + g.tile_cols - 1) / g.tile_cols;
          for (std::size_t r = 0; r < rows; ++r) {
            for (std::size_t c = 0; c < cols; ++c) {
              const std::size_t tile = r / g.tile_rows * n_tiles + c / g.tile_cols;
              const std::size_t e = tile * g.tile_rows * g.tile_cols +
                                    c % g.tile_cols * g.tile_rows + r % g.tile_rows;
              std::uint32_t expected = 0;
              std::memcpy(&expected, &tiles[e * layout.element_bytes], layout.element_bytes);
              ASSERT_EQ(bits[r * cols + c], expected) << "seed " << seed << " " << r << " " << c;
            }
          }
        }
      }
    }
  }
}

// The same matrix, whatever calls and orders its tiles came in.
TEST(Unpack, FindsTheTilesOfEveryPlan) {
  const Geometry g{16, 16, 512};
  const std::size_t rows = 70, cols = 41;  // 5 x 3 tiles
  Rng rng(77);
  const internal::TilePlan plan = {{0, 2, 0, 3, ng_descriptor::kByColumns},
                                   {2, 3, 0, 1, ng_descriptor::kByRows},
                                   {2, 3, 1, 2, ng_descriptor::kByColumns}};
  const std::size_t tile_bytes = std::size_t{g.tile_rows} * g.tile_cols * 4;
  std::vector<std::uint8_t> by_rows(15 * tile_bytes);
  for (std::uint8_t& byte : by_rows) byte = static_cast<std::uint8_t>(rng());
  std::vector<std::uint8_t> planned;
  for (const internal::TileRange& range : plan) {
    for (std::size_t t = 0; t < range.tiles(); ++t) {
      const bool rows_first = range.order == ng_descriptor::kByRows;
      const std::size_t i = range.first_row + (rows_first ? t / range.cols : t % range.rows);
      const std::size_t j = range.first_col + (rows_first ? t % range.cols : t / range.rows);
      const auto tile = by_rows.begin() + static_cast<std::ptrdiff_t>((i * 3 + j) * tile_bytes);
      planned.insert(planned.end(), tile, tile + static_cast<std::ptrdiff_t>(tile_bytes));
    }
  }
  GuardedOutput expected(rng, OutputFormat::kInt32, rows, cols, Order::kRowMajor);
  internal::unpack_result(g, plan_of(g, rows, cols), by_rows, expected.view());
  GuardedOutput out(rng, OutputFormat::kInt32, rows, cols, Order::kRowMajor);
  internal::unpack_result(g, plan, planned, out.view());
  EXPECT_EQ(out.bits(), expected.bits());
}

TEST(Unpack, RefusesAResultThatIsTooShort) {
  std::vector<std::uint8_t> tiles(4095);
  std::int32_t c = 0;
  EXPECT_THROW(internal::unpack_result({}, internal::one_range(1, 1), tiles,
                                       OutputView::row_major(&c, 1, 1)),
               InvalidArgumentError);
}

}  // namespace
}  // namespace narrowgate::testing
