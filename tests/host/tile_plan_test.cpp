// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pack/tile_plan.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace narrowgate::testing {
namespace {

using internal::Geometry;
using internal::PanelLayout;
using internal::PanelWalk;
using internal::TilePlan;
using internal::TileRange;

struct Factors {
  PanelLayout a, b;
};
Factors factors(const Geometry& g, std::size_t m, std::size_t n, std::size_t k, Format a, Format b,
                std::size_t block = 0) {
  return {PanelLayout::of(g, Side::kA, a, m, k, block),
          PanelLayout::of(g, Side::kB, b, n, k, block)};
}

/// Bytes of A and B by the definition: each tile wants its two panels; a buffer of groups that fit
/// gives a group again without memory.
std::size_t bytes_by_walking(const Geometry& g, const Factors& f, const TilePlan& plan) {
  std::size_t bytes = 0;
  for (const TileRange& range : plan) {
    for (const Side side : {Side::kA, Side::kB}) {
      const PanelLayout& layout = side == Side::kA ? f.a : f.b;
      const PanelWalk walk = PanelWalk::of(side, range);
      std::size_t in_buffer = SIZE_MAX;  // the group
      for (std::size_t t = 0; t < range.tiles(); ++t) {
        const std::size_t pass = t / walk.panels, group = pass / walk.replays;
        if (walk.is_kept(g, layout) && group == in_buffer) continue;
        bytes += layout.panel_bytes;
        if (t % walk.panels == walk.panels - 1) in_buffer = group;
      }
    }
  }
  return bytes;
}

void expect_each_tile_once(const TilePlan& plan, std::size_t m_tiles, std::size_t n_tiles) {
  std::vector<int> seen(m_tiles * n_tiles);
  for (const TileRange& range : plan) {
    std::vector<int> places(range.tiles());
    for (std::size_t i = 0; i < range.rows; ++i) {
      for (std::size_t j = 0; j < range.cols; ++j) {
        ++seen.at((range.first_row + i) * n_tiles + range.first_col + j);
        ++places.at(range.index(i, j));
      }
    }
    EXPECT_EQ(places, std::vector<int>(range.tiles(), 1));
  }
  EXPECT_EQ(seen, std::vector<int>(m_tiles * n_tiles, 1));
}

TEST(TilePlan, MakesEachTileOnceAndReadsNoMoreThanOneCallWould) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    std::mt19937_64 random(seed);
    const auto pick = [&](std::size_t most) { return 1 + random() % most; };
    const unsigned lanes[] = {16, 32, 64, 112};
    const Geometry g{lanes[pick(4) - 1], lanes[pick(4) - 1], 512, std::size_t{16} << pick(8),
                     std::size_t{16} << pick(8)};
    const std::size_t m = pick(2000), n = pick(2000), k = pick(3000);
    const bool blocks = pick(2) == 1;
    const Format format = blocks ? Format::kMxfp4 : Format::kInt8;
    const Factors f = factors(g, m, n, k, format, format, blocks ? 32 : 0);
    const TilePlan plan = internal::plan_tiles(g, f.a, f.b, false);
    SCOPED_TRACE("seed " + std::to_string(seed));
    expect_each_tile_once(plan, f.a.panels, f.b.panels);
    const std::size_t bytes = internal::bytes_read(g, f.a, f.b, plan);
    EXPECT_EQ(bytes, bytes_by_walking(g, f, plan));
    const TilePlan one = internal::one_range(f.a.panels, f.b.panels);
    EXPECT_LE(bytes + internal::vector_bytes_read(g, plan),
              internal::bytes_read(g, f.a, f.b, one) + internal::vector_bytes_read(g, one));
    EXPECT_GE(bytes, f.a.bytes() + f.b.bytes());
    EXPECT_EQ(internal::plan_tiles(g, f.a, f.b, true).size(), 1U);
  }
}

// 64 x 64 tiles, 4 MiB for each factor.
TEST(TilePlan, MovesNoByteTwiceOfWhatFits) {
  const Geometry g{64, 64, 512, 32768, 32768};
  for (const std::size_t k : {64U, 1024U, 2048U}) {
    const Factors f = factors(g, 2048, 2048, k, Format::kInt8, Format::kInt8);
    const TilePlan plan = internal::plan_tiles(g, f.a, f.b, false);
    EXPECT_EQ(plan.size(), 1U);
    EXPECT_EQ(internal::bytes_read(g, f.a, f.b, plan), f.a.bytes() + f.b.bytes());
  }
}

TEST(TilePlan, ReadsTheOtherFactorOnceForEachSlab) {
  const Geometry g{64, 64, 512, 32768, 32768};
  // 4096 x 4096 bytes are 16 MiB: four slabs.
  const Factors f = factors(g, 4096, 8192, 4096, Format::kInt8, Format::kInt8);
  const TilePlan plan = internal::plan_tiles(g, f.a, f.b, false);
  EXPECT_EQ(plan.size(), 4U);
  EXPECT_EQ(plan[0].order, ng_descriptor::kByColumns);
  EXPECT_EQ(internal::bytes_read(g, f.a, f.b, plan), f.a.bytes() + 4 * f.b.bytes());
}

// 64 x 64 tiles, 16 MiB for A and 2 MiB for B: most of the memory holds one factor.
TEST(TilePlan, KeepsWhatFitsTheLargerBuffer) {
  const Geometry g{64, 64, 512, 131072, 16384};
  for (const std::size_t n : {64U, 4096U, 20000U}) {
    const Factors f = factors(g, 4096, n, 4096, Format::kInt8, Format::kInt8);
    const TilePlan plan = internal::plan_tiles(g, f.a, f.b, false);
    EXPECT_EQ(plan.size(), 1U);
    EXPECT_EQ(internal::bytes_read(g, f.a, f.b, plan), f.a.bytes() + f.b.bytes());
  }
  const Factors f = factors(g, 8192, 8192, 8192, Format::kInt8, Format::kInt8);
  const TilePlan plan = internal::plan_tiles(g, f.a, f.b, false);
  EXPECT_EQ(plan.size(), 4U);
  EXPECT_EQ(internal::bytes_read(g, f.a, f.b, plan), f.a.bytes() + 4 * f.b.bytes());
}

// Where A's first pass would contend with the results' bank, a few per cent of bytes are not worth
// it.
TEST(TilePlan, GoesByRowsWhereAAndResultsShareABank) {
  Geometry g{64, 64, 512, 131072, 16384};
  const Factors f = factors(g, 1024, 1024, 1024, Format::kMxfp4, Format::kMxfp4, 32);
  EXPECT_EQ(internal::plan_tiles(g, f.a, f.b, false)[0].order, ng_descriptor::kByColumns);
  g.results_beside_a = true;
  EXPECT_EQ(internal::plan_tiles(g, f.a, f.b, false)[0].order, ng_descriptor::kByRows);
  // A in slabs reads a third less than B in slabs.
  const Factors large = factors(g, 8192, 8192, 8192, Format::kInt8, Format::kInt8);
  EXPECT_EQ(internal::plan_tiles(g, large.a, large.b, false)[0].order, ng_descriptor::kByColumns);
}

// Column records are 16 bytes a column, row terms 4 a row: what fits goes by columns of tiles.
TEST(TilePlan, ReadsColumnRecordsOnce) {
  const Geometry g{64, 64, 512, 32768, 32768};
  const Factors f = factors(g, 1024, 2048, 512, Format::kInt8, Format::kInt8);
  const TilePlan plan = internal::plan_tiles(g, f.a, f.b, false);
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].order, ng_descriptor::kByColumns);
  EXPECT_EQ(internal::vector_bytes_read(g, plan), 2048U * 16 + 32 * 1024 * 4);
  const TilePlan by_rows = internal::one_range(f.a.panels, f.b.panels);
  EXPECT_EQ(internal::vector_bytes_read(g, by_rows), 1024U * 4 + 16 * 2048 * 16);
  // One row of tiles: nothing comes twice by rows.
  const Factors flat = factors(g, 64, 2048, 512, Format::kInt8, Format::kInt8);
  EXPECT_EQ(internal::plan_tiles(g, flat.a, flat.b, false)[0].order, ng_descriptor::kByRows);
}

}  // namespace
}  // namespace narrowgate::testing
