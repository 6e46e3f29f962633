// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "gemm/fp32.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

namespace {

// Extremes, subnormals and neighbours first, then anything.
class Floats {
 public:
  explicit Floats(uint64_t seed) : engine_(seed) {}
  uint32_t Next() {
    static constexpr uint32_t kDirected[] = {
        0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007FFFFF, 0x00800000, 0x80800000,
        0x3F800000, 0xBF800000, 0x3F7FFFFF, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F800000, 0xFF800000,
        0x7FC00000, 0x4F000000, 0xCF000000, 0x4EFFFFFF, 0x3F000000, 0x3FC00000, 0x4B7FFFFF};
    const uint64_t r = engine_();
    if (r % 8 == 0) return kDirected[(r >> 8) % std::size(kDirected)];
    if (r % 8 == 1) return static_cast<uint32_t>(r >> 32) & 0x80FFFFFF;  // subnormal and tiny
    if (r % 8 == 2) return 0x3F800000 + (static_cast<uint32_t>(r >> 32) & 0x81000003);
    return static_cast<uint32_t>(r >> 32);
  }

 private:
  std::mt19937_64 engine_;
};

uint32_t Canonical(float value) {
  return std::isnan(value) ? 0x7FC00000u : std::bit_cast<uint32_t>(value);
}
float Float(uint32_t bits) { return std::bit_cast<float>(bits); }

constexpr int kTrials = 400000;
constexpr uint64_t kSeed = 20261123;

TEST(Fp32, MultipliesAsIeee) {
  Floats floats(kSeed);
  for (int i = 0; i < kTrials; ++i) {
    const uint32_t a = floats.Next(), b = floats.Next();
    const uint32_t expected = Canonical(Float(a) * Float(b));
    ASSERT_EQ(fp32::Multiply(a, b).to_uint(), expected) << std::hex << a << " * " << b;
  }
}

TEST(Fp32, MultipliesIntegersRoundedAsIeee) {
  Floats floats(kSeed + 5);
  std::mt19937_64 engine(kSeed + 6);
  for (int i = 0; i < kTrials; ++i) {
    const uint64_t r = engine();
    const auto x = static_cast<int32_t>(static_cast<uint32_t>(r)) >> (r >> 59);
    const uint32_t b = floats.Next();
    const uint32_t expected = Canonical(static_cast<float>(x) * Float(b));
    ASSERT_EQ(fp32::Multiply(fp32::UnpackInt32(x), fp32::Unpack(b)).to_uint(), expected)
        << x << " * " << std::hex << b;
  }
}

TEST(Fp32, AddsAsIeee) {
  Floats floats(kSeed + 1);
  for (int i = 0; i < kTrials; ++i) {
    const uint32_t a = floats.Next();
    uint32_t b = floats.Next();
    if (i % 3 == 0) b = (a ^ 0x80000000) + (b & 3);  // cancellation
    const uint32_t expected = Canonical(Float(a) + Float(b));
    ASSERT_EQ(fp32::Add(a, b).to_uint(), expected) << std::hex << a << " + " << b;
  }
}

TEST(Fp32, ComparesAsIeee) {
  Floats floats(kSeed + 2);
  for (int i = 0; i < kTrials; ++i) {
    const uint32_t a = floats.Next(), b = i % 5 == 0 ? a ^ 0x80000000 : floats.Next();
    if (std::isnan(Float(a)) || std::isnan(Float(b))) continue;
    ASSERT_EQ(fp32::Less(a, b), Float(a) < Float(b)) << std::hex << a << " < " << b;
  }
}

TEST(Fp32, ConvertsToTheNearestIntegerTiesToEvenAndSaturates) {
  Floats floats(kSeed + 3);
  for (int i = 0; i < kTrials; ++i) {
    uint32_t a = floats.Next();
    if (i % 2 == 0)
      a = std::bit_cast<uint32_t>(
          std::ldexp(Float(0x3F800000 | (a & 0x807FFFFF)), int(a >> 24) % 36 - 3));
    if (std::isnan(Float(a))) continue;
    const double wanted = std::nearbyint(double{Float(a)});
    const double clamped = std::fmin(std::fmax(wanted, -2147483648.0), 2147483647.0);
    ASSERT_EQ(fp32::ToInt32(a).to_int(), static_cast<int32_t>(clamped)) << std::hex << a;
  }
}

TEST(Fp32, RoundsIntegersAsIeee) {
  std::mt19937_64 engine(kSeed + 4);
  for (int i = 0; i < kTrials; ++i) {
    const uint64_t value = engine() >> (engine() % 64);
    const int exponent = static_cast<int>(engine() % 360) - 220;
    const float expected =
        static_cast<float>(std::ldexp(static_cast<long double>(value), exponent));
    ASSERT_EQ(fp32::Round<64>(false, value, exponent).to_uint(), Canonical(expected))
        << value << " * 2^" << exponent;
  }
}

}  // namespace
