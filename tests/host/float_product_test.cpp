// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate/float_product.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "narrowgate/error.hpp"

namespace narrowgate::testing {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<std::uint16_t> bf16(const std::vector<float>& values) {
  std::vector<std::uint16_t> out;
  for (const float x : values) out.push_back(float_to_bf16(x));
  return out;
}

/// One row times one column, in BF16.
float dot(const std::vector<float>& a, const std::vector<float>& b) {
  const auto x = bf16(a);
  const auto y = bf16(b);
  return exact_product(FloatView::row_major(x.data(), FloatType::kBfloat16, 1, x.size()),
                       FloatView::row_major(y.data(), FloatType::kBfloat16, y.size(), 1))[0];
}

TEST(ExactProduct, KeepsWhatCancellationLeaves) {
  EXPECT_EQ(dot({0x1p127F, 1, -0x1p127F}, {0x1p100F, 3, 0x1p100F}), 3.0F);
  EXPECT_EQ(dot({0x1p127F, 0x1p-133F, -0x1p127F}, {0x1p127F, 0x1p-16F, 0x1p127F}), 0x1p-149F);
  EXPECT_EQ(dot({0x1p127F, 0x1p-133F, -0x1p127F}, {0x1p127F, 0x1p-133F, 0x1p127F}), 0.0F)
      << "half of half the smallest number";
  EXPECT_EQ(std::bit_cast<std::uint32_t>(dot({1, -1}, {1, 1})), 0U);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(dot({-0.0F}, {1})), 0U);
}

TEST(ExactProduct, RoundsOnceToNearestEven) {
  EXPECT_EQ(dot({1, 0x1p-24F}, {1, 1}), 1.0F) << "a tie";
  EXPECT_EQ(dot({1, 0x1p-24F, 0x1p-133F}, {1, 1, 0x1p-133F}), std::nextafter(1.0F, 2.0F))
      << "a bit 266 places lower breaks it";
  EXPECT_EQ(dot({1, 0x1p-24F, -0x1p-133F}, {1, 1, 0x1p-133F}), 1.0F);
  EXPECT_EQ(dot({-1, -0x1p-24F, -0x1p-133F}, {1, 1, 0x1p-133F}), std::nextafter(-1.0F, -2.0F));
  EXPECT_EQ(dot({0x1p-133F}, {0x1p-17F}), 0.0F) << "half the smallest number";
  EXPECT_EQ(dot({0x1p-133F}, {0x1.8p-17F}), 0x1p-149F);
  EXPECT_EQ(dot({0x1p127F}, {2}), kInfinity);
  EXPECT_EQ(dot({0x1p127F, 0x1p127F}, {-2, 1}), -0x1p127F) << "only sums overflow";
}

TEST(ExactProduct, SpecialNumbersAreIeees) {
  EXPECT_TRUE(std::isnan(dot({kNan, 1}, {0, 1})));
  EXPECT_TRUE(std::isnan(dot({kInfinity, 1}, {0, 1})));
  EXPECT_TRUE(std::isnan(dot({kInfinity, 1}, {1, -kInfinity})));
  EXPECT_EQ(dot({kInfinity, 0x1p127F}, {-1, 0x1p127F}), -kInfinity);
}

TEST(ExactProduct, EqualsSumsInDoubleWhereTheyAreExact) {
  constexpr std::uint32_t kSeed = 31;
  constexpr std::size_t kM = 9;
  constexpr std::size_t kK = 300;
  constexpr std::size_t kN = 11;
  std::mt19937 random(kSeed);
  for (const FloatType type : {FloatType::kBfloat16, FloatType::kFloat16}) {
    // Fields of exponents so near one another that 53 bits hold all sums.
    const auto number = [&] {
      const auto bits = static_cast<std::uint16_t>(random());
      const std::uint16_t sign = bits & 0x8000;
      if (type == FloatType::kBfloat16) {
        return static_cast<std::uint16_t>(sign | (120 + bits % 13) << 7 | (bits >> 4 & 0x7F));
      }
      return static_cast<std::uint16_t>(sign | (bits % 8) << 10 | (bits >> 3 & 0x3FF));
    };
    const auto widen = type == FloatType::kBfloat16 ? bf16_to_float : fp16_to_float;
    std::vector<std::uint16_t> a(kM * kK);
    std::vector<std::uint16_t> b(kK * kN);
    for (auto& x : a) x = number();
    for (auto& x : b) x = number();
    const std::vector<float> c = exact_product(FloatView::row_major(a.data(), type, kM, kK),
                                               FloatView::col_major(b.data(), type, kK, kN), 2);
    for (std::size_t m = 0; m < kM; ++m) {
      for (std::size_t n = 0; n < kN; ++n) {
        double sum = 0;
        for (std::size_t k = 0; k < kK; ++k) {
          sum +=
              static_cast<double>(widen(a[m * kK + k])) * static_cast<double>(widen(b[n * kK + k]));
        }
        EXPECT_EQ(c[m * kN + n], static_cast<float>(sum)) << "seed " << kSeed;
      }
    }
  }
}

TEST(ExactProduct, RefusesWhatMakesNoSense) {
  const std::vector<std::uint16_t> x(6);
  const std::vector<float> y(6);
  const auto a = FloatView::row_major(x.data(), FloatType::kBfloat16, 2, 3);
  EXPECT_THROW(exact_product(a, a), ShapeError);
  EXPECT_THROW(exact_product(a, FloatView::row_major(y.data(), 3, 2)), UnsupportedError);
}

}  // namespace
}  // namespace narrowgate::testing
