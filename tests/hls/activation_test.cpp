// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The kernel's activations against the functions themselves, in long double.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>

#include "gemm/activation.hpp"

namespace narrowgate::testing {
namespace {

using gemm_config::Activated;

float Activate(float x, bool is_gelu) {
  return std::bit_cast<float>(Activated(std::bit_cast<uint32_t>(x), is_gelu).to_uint());
}

long double Exact(float x, bool is_gelu) {
  const long double f = x;
  if (!is_gelu) return f / (1 + std::exp(-f));
  const long double u =
      2 * std::sqrt(2 / 3.14159265358979323846264338327950288L) * (f + 0.044715L * f * f * f);
  return f / (1 + std::exp(-u));
}

// The largest |g − exact| over 2^-21·|f| + ½ ulp(g), which narrowgate/epilogue.hpp promises to be
// at most 1, over every `step`-th number.
double WorstError(bool is_gelu, uint64_t step) {
  double worst = 0;
  for (uint64_t bits = 0; bits < uint64_t{1} << 32; bits += step) {
    const float x = std::bit_cast<float>(static_cast<uint32_t>(bits));
    if (!std::isfinite(x)) continue;
    const float g = Activate(x, is_gelu);
    const long double error = std::fabs(static_cast<long double>(g) - Exact(x, is_gelu));
    const double ulp = static_cast<double>(std::nextafter(std::fabs(g), INFINITY) -
                                           static_cast<long double>(std::fabs(g)));
    const double bound = std::ldexp(std::fabs(static_cast<double>(x)), -21) + ulp / 2;
    worst = std::max(worst, static_cast<double>(error / static_cast<long double>(bound)));
  }
  return worst;
}

TEST(Activation, GeluIsWithinItsBound) {
  const double worst = WorstError(true, 4099);
  RecordProperty("worst", std::to_string(worst));
  EXPECT_LE(worst, 1.0);
}

TEST(Activation, SiluIsWithinItsBound) {
  const double worst = WorstError(false, 4099);
  RecordProperty("worst", std::to_string(worst));
  EXPECT_LE(worst, 1.0);
}

TEST(Activation, GeluIsWithinItsBoundInTheLongSweep) { EXPECT_LE(WorstError(true, 7), 1.0); }
TEST(Activation, SiluIsWithinItsBoundInTheLongSweep) { EXPECT_LE(WorstError(false, 7), 1.0); }

TEST(Activation, KeepsSpecialNumbers) {
  for (const bool is_gelu : {false, true}) {
    EXPECT_EQ(std::bit_cast<uint32_t>(Activate(NAN, is_gelu)), 0x7FC00000u);
    EXPECT_EQ(Activate(INFINITY, is_gelu), INFINITY);
    EXPECT_EQ(std::bit_cast<uint32_t>(Activate(-INFINITY, is_gelu)), 0x80000000u);
    EXPECT_EQ(std::bit_cast<uint32_t>(Activate(0.0f, is_gelu)), 0u);
    EXPECT_EQ(std::bit_cast<uint32_t>(Activate(-0.0f, is_gelu)), 0x80000000u);
    EXPECT_EQ(Activate(100.0f, is_gelu), 100.0f);
    EXPECT_EQ(Activate(0x1p-149f, is_gelu), 0.0f) << "half of it, to even";
    EXPECT_EQ(Activate(0x1p-126f, is_gelu), 0x1p-127f);
  }
}

}  // namespace
}  // namespace narrowgate::testing
