// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "narrowgate/error.hpp"
#include "reference.hpp"

namespace narrowgate::testing {
namespace {

TEST(Compare, IsWhatItsDefinitionSays) {
  const std::vector<float> values = {1.2F, -3, 0.25F, 6};
  const QuantizedMatrix q = quantize(FloatView::row_major(values.data(), 2, 2), Side::kB,
                                     {Format::kE2m1, 0}, {.span = ScaleSpan::kNone});
  const ErrorStatistics e = compare(FloatView::row_major(values.data(), 2, 2), q);
  EXPECT_EQ(e.elements, 4U);
  EXPECT_EQ(e.not_finite, 0U);
  const double d = static_cast<double>(1.2F) - 1;
  EXPECT_DOUBLE_EQ(e.max_abs, 0.25);
  EXPECT_DOUBLE_EQ(e.rms, std::sqrt((d * d + 0.0625) / 4));
  const double x = static_cast<double>(1.2F);
  EXPECT_DOUBLE_EQ(e.sqnr_db, 10 * std::log10((x * x + 9 + 0.0625 + 36) / (d * d + 0.0625)));
}

TEST(Compare, LeavesOutWhatIsNotFinite) {
  std::vector<float> values(64, 1.0F);
  values[5] = std::numeric_limits<float>::quiet_NaN();
  const FloatView view = FloatView::row_major(values.data(), 1, 64);
  const ErrorStatistics e = compare(view, quantize(view, Side::kA, {Format::kMxfp4, 32}));
  EXPECT_EQ(e.not_finite, 32U) << "the whole block is NaN";
  EXPECT_EQ(e.elements, 32U);
  EXPECT_EQ(e.max_abs, 0);
  EXPECT_EQ(e.sqnr_db, std::numeric_limits<double>::infinity());
}

TEST(Compare, NarrowerFormatsLoseMore) {
  constexpr std::uint32_t kSeed = 21;
  std::mt19937 random(kSeed);
  std::normal_distribution<float> normal;
  std::vector<float> values(128 * 128);
  for (float& x : values) x = normal(random);
  const FloatView view = FloatView::row_major(values.data(), 128, 128);
  const auto sqnr = [&](BlockedFormat format) {
    return compare(view, quantize(view, Side::kA, format)).sqnr_db;
  };
  const double fp4 = sqnr({Format::kMxfp4, 32});
  const double nvfp4 = sqnr({Format::kNvfp4, 16});
  const double fp6 = sqnr({Format::kMxfp6E2m3, 32});
  const double int8 = sqnr({Format::kMxint8, 32});
  EXPECT_GT(fp4, 16);
  EXPECT_GT(nvfp4, fp4);
  EXPECT_GT(fp6, nvfp4 + 6);
  EXPECT_GT(int8, fp6 + 6);
}

TEST(Compare, RefusesAnotherShape) {
  const std::vector<float> values(12, 1.0F);
  const QuantizedMatrix q =
      quantize(FloatView::row_major(values.data(), 3, 4), Side::kA, {Format::kE4m3, 0});
  EXPECT_THROW(compare(FloatView::row_major(values.data(), 4, 3), q), ShapeError);
}

}  // namespace
}  // namespace narrowgate::testing
