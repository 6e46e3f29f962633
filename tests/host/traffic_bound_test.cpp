// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "model/traffic_bound.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "pack/tile_plan.hpp"

namespace narrowgate::testing {
namespace {

using internal::Geometry;
using internal::least_bytes;
using internal::PanelLayout;

constexpr double kMemory = 16.0 * (1 << 20);
constexpr double kMany = 1e6;  // rows and columns

double reads(double k, double memory) {
  return least_bytes({kMany, kMany, k, 1, 1, memory}) - 4 * kMany * kMany;
}

TEST(TrafficBound, IsWhatOneReadingTakesWhereAFactorFits) {
  EXPECT_DOUBLE_EQ(least_bytes({512, 4096, 1024, 1, 0.5, kMemory}),
                   512 * 1024 + 4096 * 1024 * 0.5 + 4 * 512 * 4096);
}

// The bounds of a schedule without sums, and of one of sums alone, in the limit of many results.
TEST(TrafficBound, TendsToSlabsForShortKAndToSumsForLongK) {
  for (const double k : {1024.0, 2048.0, 4096.0}) {
    EXPECT_NEAR(reads(k, kMemory) / (kMany * kMany * k * k / kMemory), 1, 1e-3) << k;
  }
  for (const double k : {262144.0, 1048576.0}) {
    const double sums = 4 * kMany * kMany * k / std::sqrt(kMemory);
    EXPECT_LT(reads(k, kMemory), sums) << k;
    EXPECT_GT(reads(k, kMemory), 0.9 * sums) << k;
  }
}

TEST(TrafficBound, GrowsWithKAndFallsWithTheMemory) {
  for (double k = 1024; k < 1e6; k *= 2) {
    EXPECT_LT(reads(k, kMemory), reads(2 * k, kMemory)) << k;
    EXPECT_GT(reads(k, kMemory), reads(k, 2 * kMemory)) << k;
  }
}

// Schedules that exist: the planner's, and tiles of sums that stay while both factors pass.
TEST(TrafficBound, NoScheduleIsBelowIt) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937_64 random(seed);
    const auto pick = [&](std::size_t most) { return 1 + random() % most; };
    const Geometry g{32, 64, 512, std::size_t{256} << pick(8), std::size_t{256} << pick(4)};
    const std::size_t m = 32 * pick(300), n = 64 * pick(200), k = 64 * pick(200);
    SCOPED_TRACE("seed " + std::to_string(seed));
    const PanelLayout a = PanelLayout::of(g, Side::kA, Format::kInt8, m, k);
    const PanelLayout b = PanelLayout::of(g, Side::kB, Format::kInt8, n, k);
    const double memory = 2.0 * (static_cast<double>(g.buffer_bytes(Side::kA)) +
                                 static_cast<double>(g.buffer_bytes(Side::kB)));
    const double accumulators = 4.0 * g.tile_rows * g.tile_cols;
    const auto rows = static_cast<double>(m), columns = static_cast<double>(n);
    const auto depth = static_cast<double>(k);
    const double bound = least_bytes({rows, columns, depth, 1, 1, memory + accumulators});
    const double results = 4 * rows * columns;
    EXPECT_GE(static_cast<double>(bytes_read(g, a, b, plan_tiles(g, a, b, false))) + results,
              bound);
    const double side = std::sqrt(memory / 4);
    EXPECT_GE(
        rows * columns * depth * (1 / std::min(side, rows) + 1 / std::min(side, columns)) + results,
        bound);
  }
}

}  // namespace
}  // namespace narrowgate::testing
