// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Codes of every floating-point format to FP32 and back, derived from the one table. The functions
// are constexpr and free of branches, so that the compiler can use them at compile time, one by one
// and many at once. They expect the default rounding mode (to nearest even).
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "formats/formats.hpp"
#include "formats/inline.hpp"

namespace narrowgate::internal {

/// The fields of a floating-point format, as a template argument can carry them.
struct Fields {
  int bits;
  int exponent_bits;
  int mantissa_bits;
  int bias;
  ng_formats::Specials specials;
  std::uint32_t max_code;

  constexpr int min_exponent() const { return 1 - bias; }  // of a normal number
  constexpr int lsb() const { return min_exponent() - mantissa_bits; }
  constexpr std::uint32_t sign_bit() const { return 1U << (bits - 1); }
  /// What an overflow becomes when it does not saturate, without its sign.
  constexpr std::uint32_t overflow_code() const {
    return specials == ng_formats::kNone ? max_code : max_code + 1;  // NaN of E4M3, or infinity
  }
  /// NaN, to which the sign of the argument is added. A format without NaN has -0 for it, as
  /// ml_dtypes has; a block format says NaN with the block's scale.
  constexpr std::uint32_t nan_code() const {
    return specials == ng_formats::kNone ? sign_bit()
           : specials == ng_formats::kNanOnly
               ? max_code + 1
               : (max_code + 1) | (1U << (mantissa_bits - 1));  // quiet
  }
};

NG_INLINE constexpr Fields fields_of(int element) {
  const ng_formats::Element& row = ng_formats::kElements[element];
  return {row.bits, row.exponent_bits, row.mantissa_bits,
          row.bias, row.specials,      static_cast<std::uint32_t>(row.max_code)};
}

/// IEEE 754 binary16: never an operand, but many files hold it.
inline constexpr Fields kFp16Fields{16, 5, 10, 15, ng_formats::kInfinityAndNan, 0x7BFF};
inline constexpr Fields kBf16Fields = fields_of(ng_formats::kBf16);
inline constexpr Fields kE4m3Fields = fields_of(ng_formats::kE4m3);

inline constexpr int kFp32Mantissa = 23;
inline constexpr int kFp32Bias = 127;
inline constexpr std::uint32_t kFp32Infinity = 0x7F800000;
inline constexpr std::uint32_t kFp32Nan = 0x7FC00000;
inline constexpr std::uint32_t kFp32Magnitude = 0x7FFFFFFF;

/// 2^exponent, exactly, for -149…127.
NG_INLINE constexpr float power_of_two(int exponent) {
  return exponent < -126
             ? std::bit_cast<float>(1U << (exponent + 149))
             : std::bit_cast<float>(static_cast<std::uint32_t>(exponent + kFp32Bias) << 23);
}

/// The value of a code; bits above the format's width are ignored.
template <Fields kF>
NG_INLINE constexpr float decode(std::uint32_t code) {
  constexpr int kShift = kFp32Mantissa - kF.mantissa_bits;
  const std::uint32_t magnitude = code & (kF.sign_bit() - 1);
  const std::uint32_t normal =
      (magnitude << kShift) + (static_cast<std::uint32_t>(kFp32Bias - kF.bias) << kFp32Mantissa);
  const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(
      static_cast<float>(static_cast<std::int32_t>(magnitude & ((1U << kF.mantissa_bits) - 1))) *
      power_of_two(kF.lsb()));
  std::uint32_t bits = (magnitude >> kF.mantissa_bits) == 0 ? subnormal : normal;
  if (kF.specials != ng_formats::kNone) {
    const bool infinite =
        kF.specials == ng_formats::kInfinityAndNan && magnitude == kF.max_code + 1;
    bits = magnitude > kF.max_code ? (infinite ? kFp32Infinity : kFp32Nan) : bits;
  }
  return std::bit_cast<float>(bits | ((code & kF.sign_bit()) << (32 - kF.bits)));
}

/// Rounds |x|, given as bits, to the nearest code, ties to even; the code may be beyond max_code.
template <Fields kF>
NG_INLINE constexpr std::uint32_t round_to_even(std::uint32_t magnitude) {
  constexpr int kDrop = kFp32Mantissa - kF.mantissa_bits;
  constexpr std::uint32_t kRebias = static_cast<std::uint32_t>(kFp32Bias - kF.bias)
                                    << kF.mantissa_bits;
  const std::uint32_t odd = (magnitude >> kDrop) & 1;
  const std::uint32_t normal = ((magnitude + ((1U << (kDrop - 1)) - 1) + odd) >> kDrop) - kRebias;
  if constexpr (kF.bias == kFp32Bias) {
    return normal;  // the exponents of both are the same, the subnormal ones as well
  } else {
    // One FP32 addition rounds to a multiple of 2^lsb, and leaves it in the low bits.
    constexpr float kMagic = power_of_two(kF.lsb() + kFp32Mantissa);
    constexpr std::uint32_t kMinNormal = static_cast<std::uint32_t>(kF.min_exponent() + kFp32Bias)
                                         << kFp32Mantissa;
    const std::uint32_t subnormal =
        std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + kMagic) -
        std::bit_cast<std::uint32_t>(kMagic);
    return magnitude < kMinNormal ? subnormal : normal;
  }
}

/// Rounds |x| to one of the two neighbouring codes, up with a probability equal to the part cut
/// off: `random` is uniform over 2^32. What is below 2^-32 of a step is cut off always.
template <Fields kF>
NG_INLINE constexpr std::uint32_t round_at_random(std::uint32_t magnitude, std::uint32_t random) {
  const int raw = static_cast<int>(magnitude >> kFp32Mantissa);
  const int exponent = (raw == 0 ? 1 : raw) - kFp32Bias;
  const std::uint64_t significand =
      (magnitude & ((1U << kFp32Mantissa) - 1)) | (raw == 0 ? 0U : 1U << kFp32Mantissa);
  const int step = exponent > kF.min_exponent() ? exponent : kF.min_exponent();
  const int drop = kFp32Mantissa - kF.mantissa_bits + step - exponent;
  const std::uint64_t fixed = drop > 63 ? 0 : (significand << 32) >> drop;
  const auto steps = static_cast<std::uint32_t>((fixed + random) >> 32);
  // Steps of the binade; the hidden bit, if there, carries into the exponent field.
  return steps + (static_cast<std::uint32_t>(step - kF.min_exponent()) << kF.mantissa_bits);
}

/// Overflow, NaN and the sign, for a magnitude that has been rounded. `kNan`: whether it may be
/// one.
template <Fields kF, bool kSaturate, bool kNan = true>
NG_INLINE constexpr std::uint32_t finish(std::uint32_t rounded, std::uint32_t bits) {
  const std::uint32_t sign = (bits >> (32 - kF.bits)) & kF.sign_bit();
  constexpr std::uint32_t kBeyond = kSaturate ? kF.max_code : kF.overflow_code();
  const std::uint32_t code = rounded > kF.max_code ? kBeyond : rounded;
  const bool is_nan = kNan && (bits & kFp32Magnitude) > kFp32Infinity;
  return (is_nan ? kF.nan_code() : code) | sign;
}

/// The code of x: rounded to nearest even first, then tested for overflow. Saturating makes an
/// overflow and infinity the largest number, otherwise it is infinity or, of E4M3, NaN. Formats
/// without special values saturate always. NaN stays NaN, or -0 where there is none.
template <Fields kF, bool kSaturate, bool kNan = true>
NG_INLINE constexpr std::uint32_t encode(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return finish<kF, kSaturate, kNan>(round_to_even<kF>(bits & kFp32Magnitude), bits);
}

/// The same with stochastic rounding (round_at_random()).
template <Fields kF, bool kSaturate>
NG_INLINE constexpr std::uint32_t encode_at_random(float x, std::uint32_t random) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t magnitude = bits & kFp32Magnitude;
  const std::uint32_t rounded =
      magnitude >= kFp32Infinity ? kF.max_code + 1 : round_at_random<kF>(magnitude, random);
  return finish<kF, kSaturate>(rounded, bits);
}

/// Every value of a format of at most 8 bits.
template <Fields kF>
NG_INLINE constexpr std::array<float, std::size_t{1} << kF.bits> decode_table() {
  static_assert(kF.bits <= 8);
  std::array<float, std::size_t{1} << kF.bits> table{};
  for (std::uint32_t code = 0; code < table.size(); ++code) table[code] = decode<kF>(code);
  return table;
}

/// E8M0, the scale of MX blocks: 2^(code - 127), and 0xFF is NaN.
inline constexpr int kE8m0Bias = 127;
inline constexpr int kE8m0Max = 254;
inline constexpr std::uint8_t kE8m0Nan = 0xFF;

NG_INLINE constexpr float decode_e8m0(std::uint8_t code) {
  return code == kE8m0Nan ? std::bit_cast<float>(kFp32Nan) : power_of_two(code - kE8m0Bias);
}

/// The nearest power of two, ties to the even code.
NG_INLINE constexpr std::uint8_t encode_e8m0(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t magnitude = bits & kFp32Magnitude;
  const bool negative = bits != magnitude && magnitude != 0;
  if (magnitude >= kFp32Infinity || negative) return kE8m0Nan;
  constexpr std::uint32_t kTie = 0x600000;  // 1.5 * 2^-127, between the codes 0 and 1
  if (magnitude >> kFp32Mantissa == 0) return magnitude > kTie ? 1 : 0;
  const std::uint32_t odd = (magnitude >> kFp32Mantissa) & 1;
  const std::uint32_t code = (magnitude + (1U << (kFp32Mantissa - 1)) - 1 + odd) >> kFp32Mantissa;
  return static_cast<std::uint8_t>(code > std::uint32_t{kE8m0Max} ? kE8m0Max : code);
}

/// UE4M3, the scale of NVFP4's blocks: E4M3 without its sign. Negative numbers become 0.
NG_INLINE constexpr float decode_ue4m3(std::uint8_t code) {
  return decode<kE4m3Fields>(code & 0x7FU);
}
NG_INLINE constexpr std::uint8_t encode_ue4m3(float x) {
  const std::uint32_t code = encode<kE4m3Fields, true>(x);
  const bool negative = (code & 0x80) != 0 && (code & 0x7F) != 0x7F;
  return static_cast<std::uint8_t>(negative ? 0 : code & 0x7F);
}

}  // namespace narrowgate::internal
