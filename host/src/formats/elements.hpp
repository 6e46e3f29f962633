// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// One type for each element: code(y) is the code of a number that has been divided by its scale;
// code<false>(y) the same where y cannot be NaN.
#pragma once

#include <bit>
#include <cstdint>

#include "formats/codec.hpp"

namespace narrowgate::internal {

/// A floating-point element.
template <int kElement, bool kSaturate>
struct FloatElement {
  static constexpr Fields kFields = fields_of(kElement);
  static constexpr int kRow = kElement;
  template <bool kNan = true>
  [[gnu::always_inline]] static constexpr std::uint8_t code(float y, int /*zero*/) {
    return static_cast<std::uint8_t>(encode<kFields, kSaturate, kNan>(y));
  }
  [[gnu::always_inline]] static constexpr std::uint8_t code_at_random(float y, int /*zero*/,
                                                                      std::uint32_t random) {
    return static_cast<std::uint8_t>(encode_at_random<kFields, kSaturate>(y, random));
  }
};

/// An integer element, clamped to kMin … kMax after the zero-point has been added; NaN gives 0.
template <int kElement>
struct IntegerElement {
  static constexpr int kRow = kElement;
  static constexpr int kMax = ng_formats::kElements[kElement].max_code;
  // Symmetric: quantisers leave the most negative code unused (docs/formats.md).
  static constexpr int kMin = ng_formats::kElements[kElement].is_signed ? -kMax : 0;

  template <bool kNan = true>
  [[gnu::always_inline]] static constexpr std::uint8_t code(float y, int zero) {
    // Adding 1.5·2^23 rounds to an integer, to nearest even, and leaves it in the low bits.
    constexpr float kMagic = 12582912.0F;
    return clamped(
        static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(bounded<kNan>(y) + kMagic) -
                                  std::bit_cast<std::uint32_t>(kMagic)),
        zero);
  }
  [[gnu::always_inline]] static constexpr std::uint8_t code_at_random(float y, int zero,
                                                                      std::uint32_t random) {
    const double moved = static_cast<double>(bounded(y)) + random * 0x1p-32;
    const auto towards_zero = static_cast<std::int32_t>(moved);
    return clamped(towards_zero - (moved < towards_zero ? 1 : 0), zero);
  }

 private:
  template <bool kNan = true>
  [[gnu::always_inline]] static constexpr float bounded(float y) {
    constexpr float kBound = 1024.0F;  // beyond every code and zero-point
    const float number = !kNan || y == y ? y : 0.0F;
    const float above = number < -kBound ? -kBound : number;
    return above > kBound ? kBound : above;
  }
  [[gnu::always_inline]] static constexpr std::uint8_t clamped(std::int32_t rounded, int zero) {
    const std::int32_t moved = rounded + zero;
    const std::int32_t above = moved < kMin ? kMin : moved;
    const std::int32_t within = above > kMax ? kMax : above;
    constexpr std::uint32_t kMask = (1U << ng_formats::kElements[kElement].bits) - 1;
    // Storage::kBytes: signed integers fill the byte, whatever their width.
    return static_cast<std::uint8_t>(kMin < 0 ? static_cast<std::uint32_t>(within)
                                              : static_cast<std::uint32_t>(within) & kMask);
  }
};

/// The range of an element as block scales see it: the largest number is (1 +
/// fraction·2^-23)·2^emax with `mantissa_bits` bits after the point.
struct Range {
  int emax;
  int mantissa_bits;
  std::uint32_t fraction;
  float max;
};

template <typename Element>
NG_INLINE constexpr Range range_of(int element_exponent) {
  constexpr const ng_formats::Element& kRow = ng_formats::kElements[Element::kRow];
  float max = 0;
  if constexpr (kRow.exponent_bits == 0) {
    max = static_cast<float>(kRow.max_code) * power_of_two(element_exponent);
  } else {
    max = decode<fields_of(Element::kRow)>(kRow.max_code) * power_of_two(element_exponent);
  }
  const std::uint32_t fraction = std::bit_cast<std::uint32_t>(max) & ((1U << kFp32Mantissa) - 1);
  return {kRow.emax + element_exponent, kRow.exponent_bits == 0 ? kRow.emax : kRow.mantissa_bits,
          fraction, max};
}

}  // namespace narrowgate::internal
