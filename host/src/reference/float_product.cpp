// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The products of a row and a column are added up in fixed point, wide enough for all of them: in
// digits of 32 bits, each of which keeps its own carries until the end.
#include "narrowgate/float_product.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "formats/float_lanes.hpp"
#include "formats/parallel.hpp"
#include "narrowgate/error.hpp"
#include "reference/exact.hpp"

namespace narrowgate {
namespace {

using internal::FloatLanes;

constexpr int kDigitBits = 32;
constexpr int kUnused = 13;               // low bits of an FP32 that neither FP16 nor BF16 has
constexpr int kUnit = kUnused - 150;      // a significand's unit, less the exponent field
constexpr int kLowest = 2 * (1 + kUnit);  // of the smallest products
constexpr int kHighest = 2 * (254 + kUnit) + 22;  // above the largest product's leading bit
constexpr std::size_t kDigits = (kHighest - kLowest) / kDigitBits + 3;  // and carries of 2^31 steps
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// ±significand · 2^exponent with a significand of at most 11 bits.
struct Number {
  std::int32_t significand;
  std::int32_t exponent;
};

/// A finite number of BF16 or FP16, given in FP32, whose low 13 bits are 0 then.
Number number_of(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const int raw = static_cast<int>(bits >> 23 & 0xFF);
  const std::uint32_t magnitude = (bits & 0x7FFFFF) | (raw == 0 ? 0U : 1U << 23);
  const auto significand = static_cast<std::int32_t>(magnitude >> kUnused);
  return {(bits >> 31) != 0 ? -significand : significand, (raw == 0 ? 1 : raw) + kUnit};
}

/// Lanes of a matrix as numbers; whether a lane has a NaN or an infinity.
struct Lanes {
  Lanes(const FloatView& matrix, Side side) {
    const FloatLanes lanes(matrix, side);
    depth = lanes.depth();
    values.resize(lanes.lanes() * depth);
    numbers.resize(values.size());
    special.resize(lanes.lanes());
    std::vector<float> scratch;
    for (std::size_t lane = 0; lane < lanes.lanes(); ++lane) {
      const float* const x = lanes.read(lane, 0, {1, depth}, scratch).data;
      for (std::size_t k = 0; k < depth; ++k) {
        values[lane * depth + k] = x[k];
        if (std::isfinite(x[k])) {
          numbers[lane * depth + k] = number_of(x[k]);
        } else {
          special[lane] = 1;
        }
      }
    }
  }
  std::size_t depth = 0;
  std::vector<float> values;
  std::vector<Number> numbers;
  std::vector<std::uint8_t> special;
};

/// RNE of the digits' sum. Two's complement in digits of 32 bits, then its leading 64 bits; one bit
/// more says whether any below them is set.
float round_digits(std::array<std::int64_t, kDigits>& digits) {
  std::int64_t carry = 0;
  for (std::int64_t& digit : digits) {
    const std::int64_t sum = digit + carry;
    digit = sum & 0xFFFFFFFF;
    carry = sum >> kDigitBits;
  }
  const bool negative = carry < 0;
  if (negative) {
    std::int64_t borrow = 1;
    for (std::int64_t& digit : digits) {
      const std::int64_t inverted = (digit ^ 0xFFFFFFFF) + borrow;
      digit = inverted & 0xFFFFFFFF;
      borrow = inverted >> kDigitBits;
    }
  }
  std::size_t top = kDigits;
  while (top > 0 && digits[top - 1] == 0) --top;
  if (top == 0) return 0.0F;
  const auto digit = [&](std::size_t back) {
    return back <= top ? static_cast<std::uint64_t>(digits[top - back]) : 0;
  };
  internal::Wide leading = static_cast<internal::Wide>(digit(1)) << (2 * kDigitBits) |
                           static_cast<internal::Wide>(digit(2) << kDigitBits | digit(3));
  bool rest = false;
  for (std::size_t i = 0; i + 3 < top; ++i) rest = rest || digits[i] != 0;
  leading = leading << 1 | (rest ? 1 : 0);
  const int exponent = kLowest + (static_cast<int>(top) - 3) * kDigitBits - 1;
  return internal::round_to_float(negative ? -leading : leading, exponent);
}

float exact_sum(const Number* a, const Number* b, std::size_t count) {
  std::array<std::int64_t, kDigits> digits{};
  for (std::size_t k = 0; k < count; ++k) {
    const std::int64_t product = std::int64_t{a[k].significand} * b[k].significand;
    const int place = a[k].exponent + b[k].exponent - kLowest;
    if (product == 0) continue;
    // 22 bits, moved by 31 at most.
    const std::int64_t moved = product * (std::int64_t{1} << (place % kDigitBits));
    const auto digit = static_cast<std::size_t>(place / kDigitBits);
    digits[digit] += moved & 0xFFFFFFFF;
    digits[digit + 1] += moved >> kDigitBits;
  }
  return round_digits(digits);
}

/// With a NaN or an infinity among them, whose products decide alone.
float special_sum(const float* a, const float* b, std::size_t count) {
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const double product = static_cast<double>(a[k]) * static_cast<double>(b[k]);
    if (!std::isfinite(product)) sum += product;
  }
  return std::isnan(sum) ? kNan : static_cast<float>(sum);
}

void check(const FloatView& view, const char* name) {
  internal::check_float_view(view, name);
  if (view.type == FloatType::kFloat32) {
    throw UnsupportedError(std::string(name) +
                           " is float32: exact products are of bfloat16 and "
                           "float16");
  }
}

}  // namespace

std::vector<float> exact_product(const FloatView& a, const FloatView& b, unsigned threads) {
  check(a, "A");
  check(b, "B");
  constexpr std::size_t kMostK = std::numeric_limits<std::int32_t>::max();
  if (a.cols != b.rows || a.cols > kMostK) {
    throw ShapeError("A is " + std::to_string(a.rows) + " x " + std::to_string(a.cols) +
                     " and B is " + std::to_string(b.rows) + " x " + std::to_string(b.cols) +
                     ": the columns of A must be as many as the rows of B, and 2147483647 at most");
  }
  const Lanes rows(a, Side::kA);
  const Lanes cols(b, Side::kB);
  const std::size_t k = a.cols;
  std::vector<float> c(a.rows * b.cols);
  internal::parallel_ranges(a.rows, b.cols * k, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t m = begin; m < end; ++m) {
      for (std::size_t n = 0; n < b.cols; ++n) {
        const bool special = (rows.special[m] | cols.special[n]) != 0;
        c[m * b.cols + n] = special ? special_sum(&rows.values[m * k], &cols.values[n * k], k)
                                    : exact_sum(&rows.numbers[m * k], &cols.numbers[n * k], k);
      }
    }
  });
  return c;
}

}  // namespace narrowgate
