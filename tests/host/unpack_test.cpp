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
          internal::unpack_result(g, tiles, out.view());
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

TEST(Unpack, RefusesAResultThatIsTooShort) {
  std::vector<std::uint8_t> tiles(4095);
  std::int32_t c = 0;
  EXPECT_THROW(internal::unpack_result({}, tiles, OutputView::row_major(&c, 1, 1)),
               InvalidArgumentError);
}

}  // namespace
}  // namespace narrowgate::testing
