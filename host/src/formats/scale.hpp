// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Scales of blocks, from a block's largest magnitude or from its range.
#pragma once

#include <bit>
#include <cstdint>

#include "formats/codec.hpp"
#include "formats/elements.hpp"
#include "narrowgate/quantize.hpp"

namespace narrowgate::internal {

/// What a block's elements are divided by (by E8M0 scales they are multiplied: one over a power of
/// two gives the same bits), and whether they count at all: `keep` is all ones, or 0
/// for a block of zeros, of NaN, or of numbers too small for its scale.
struct Divisor {
  float value = 1.0F;
  std::uint32_t keep = ~0U;
  int zero = 0;
};
inline constexpr Divisor kDropped{1.0F, 0, 0};

/// What a rule adds to the fraction of a largest magnitude: the exponent goes up by one where the
/// sum carries out of the fraction.
NG_INLINE constexpr std::uint32_t carry_of(ScaleRule rule, const Range& range) {
  constexpr std::uint32_t kFraction = (1U << kFp32Mantissa) - 1;
  switch (rule) {
    case ScaleRule::kFloor:
      break;
    case ScaleRule::kRceil:  // beyond the largest number's fraction
      return kFraction - range.fraction;
    case ScaleRule::kEven:  // half a step of the mantissa: a tie at all ones goes to the even one
      return 1U << (kFp32Mantissa - 1 - range.mantissa_bits);
    case ScaleRule::kCeil:
      return kFraction;
  }
  return 0;
}

/// The E8M0 code for a block whose largest magnitude has the FP32 bits `amax`, finite and not 0;
/// `carry` is the rule's carry_of(). Without branches: many blocks are done at once.
NG_INLINE constexpr std::uint8_t e8m0_scale(std::uint32_t carry, std::uint32_t amax,
                                            const Range& range) {
  constexpr std::uint32_t kFraction = (1U << kFp32Mantissa) - 1;
  // Of a subnormal number the leading one is wherever it is: as an integer it has an exponent.
  const auto integer = std::bit_cast<std::uint32_t>(static_cast<float>(static_cast<int>(amax)));
  const bool subnormal = amax <= kFraction;
  const std::uint32_t bits = subnormal ? integer : amax;
  const int bias = kFp32Bias + (subnormal ? kFp32Bias - 1 + kFp32Mantissa : 0);
  const int exponent = static_cast<int>(bits >> kFp32Mantissa) - bias;
  const std::uint32_t up = ((bits & kFraction) + carry) >> kFp32Mantissa;
  const int code = exponent + static_cast<int>(up) - range.emax + kE8m0Bias;
  return static_cast<std::uint8_t>(code < 0 ? 0 : code > kE8m0Max ? kE8m0Max : code);
}

/// NVFP4: s_b = e4m3(amax_b / (6·s_t)), elements are divided by s_b·s_t.
NG_INLINE constexpr std::uint8_t ue4m3_scale(float amax, float tensor_scale, const Range& range) {
  return encode_ue4m3(amax / (range.max * tensor_scale));
}

/// The tensor scale of NVFP4 for a largest magnitude: then the largest block scale is 448.
NG_INLINE constexpr float nvfp4_tensor_scale(float amax) {
  constexpr float kMaxElement = decode<fields_of(ng_formats::kE2m1)>(
      static_cast<std::uint32_t>(ng_formats::kElements[ng_formats::kE2m1].max_code));
  constexpr float kMaxScale = decode<kE4m3Fields>(kE4m3Fields.max_code);
  if (amax == 0) return 1.0F;
  const float scale = amax / (kMaxElement * kMaxScale);
  return scale > 0 ? scale : power_of_two(-149);
}

/// An FP32 scale as FP16 has it, but neither 0 nor infinite.
NG_INLINE constexpr float as_fp16(float scale) {
  const float rounded = decode<kFp16Fields>(encode<kFp16Fields, true>(scale));
  return rounded > 0 ? rounded : power_of_two(kFp16Fields.lsb());
}

/// amax / max for a largest magnitude: FP32, never 0, and 1 for a block of zeros.
NG_INLINE constexpr float symmetric_scale(float amax, float max, bool fp16) {
  const float scale = amax / max;
  const float kept = fp16 ? as_fp16(scale) : scale > 0 ? scale : power_of_two(-149);
  return amax == 0 ? 1.0F : kept;
}

/// Scale and zero-point that map low … high (low <= 0 <= high) to 0 … max.
struct Affine {
  float scale;
  int zero;
};
NG_INLINE constexpr Affine affine_scale(float low, float high, int max, bool fp16) {
  // The difference of two floats may be beyond FP32, a 15th of it is not.
  const double wanted = (static_cast<double>(high) - static_cast<double>(low)) / max;
  if (wanted == 0) return {1.0F, 0};
  float scale = static_cast<float>(wanted);
  if (fp16) scale = as_fp16(scale);
  if (scale == 0) scale = power_of_two(-149);
  const float steps = -low / scale;
  constexpr float kMagic = 12582912.0F;  // as in IntegerElement::code
  const float bounded = steps > static_cast<float>(max) ? static_cast<float>(max) : steps;
  return {scale, static_cast<int>(bounded + kMagic - kMagic)};
}

}  // namespace narrowgate::internal
