// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "reference/exact.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace narrowgate::internal {
namespace {

__extension__ using WideMagnitude = unsigned __int128;

constexpr int kFloatBits = 24;       // of FP32's significand
constexpr int kSmallestStep = -149;  // of FP32's subnormals
constexpr int kWideBits = 128;

int bit_length(WideMagnitude value) {
  const auto high = static_cast<std::uint64_t>(value >> 64);
  const auto low = static_cast<std::uint64_t>(value);
  return high != 0 ? 64 + std::bit_width(high) : std::bit_width(low);
}

/// RNE(magnitude / 2^shift), shift > 0.
std::uint64_t shift_and_round(WideMagnitude magnitude, int shift) {
  if (shift > kWideBits - 1) return 0;  // magnitude < 2^127: less than half a step
  const WideMagnitude down = magnitude >> shift;
  const WideMagnitude rest = magnitude - (down << shift);
  const WideMagnitude half = WideMagnitude{1} << (shift - 1);
  const bool up = rest > half || (rest == half && (down & 1) != 0);
  return static_cast<std::uint64_t>(down) + (up ? 1 : 0);
}

}  // namespace

float round_to_float(Wide integer, int exponent) {
  const bool negative = integer < 0;
  const auto magnitude = static_cast<WideMagnitude>(negative ? -integer : integer);
  if (magnitude == 0) return 0.0F;
  const int step = std::max(bit_length(magnitude) + exponent - kFloatBits, kSmallestStep);
  // ldexp is exact here (a multiple of FP32's step with at most 24 bits) or overflows to infinity.
  float result = 0;
  if (step <= exponent) {
    result = std::ldexp(static_cast<float>(static_cast<std::uint64_t>(magnitude)), exponent);
  } else {
    result = std::ldexp(static_cast<float>(shift_and_round(magnitude, step - exponent)), step);
  }
  return negative ? -result : result;
}

float scale_and_round(Wide integer, int exponent, double scale) {
  if (std::isnan(scale)) return std::numeric_limits<float>::quiet_NaN();
  if (scale == 0) return 0.0F;
  int scale_exponent = 0;
  const double fraction = std::frexp(scale, &scale_exponent);
  auto significand = static_cast<std::int64_t>(std::ldexp(fraction, 53));
  const int zeros = std::countr_zero(static_cast<std::uint64_t>(significand));
  significand >>= zeros;  // exact: the bits that leave are zeros
  return round_to_float(integer * significand, exponent + scale_exponent - 53 + zeros);
}

}  // namespace narrowgate::internal
