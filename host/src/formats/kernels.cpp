// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Loops without branches that the compiler vectorises. Where GCC can, it makes a copy of each for
// every generation of x86-64, of which the fitting one is chosen when the program starts; all of
// them round each operation once, so their results are the same.
#include "formats/kernels.hpp"

#include <bit>

#include "formats/elements.hpp"
#include "formats/inline.hpp"
#include "formats/random_bits.hpp"
#include "formats/scale.hpp"

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__ELF__)
#define NG_VECTORISED [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#else
#define NG_VECTORISED
#endif

namespace narrowgate::internal {
namespace {

using ng_formats::BlockCode;
using ng_formats::ScaleCode;

NG_INLINE std::uint32_t largest_magnitude(const float* x, std::size_t count) {
  std::int32_t amax = 0;  // magnitudes compare as integers, NaN above all
#pragma GCC unroll 1
  for (std::size_t i = 0; i < count; ++i) {
    const auto magnitude =
        static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(x[i]) & kFp32Magnitude);
    amax = magnitude > amax ? magnitude : amax;
  }
  return static_cast<std::uint32_t>(amax);
}

/// Lowest and highest of the finite numbers and 0, as integers: the largest bits of the numbers
/// that have no sign, and of those that have one.
NG_INLINE Extremes range_with_zero(const float* x, std::size_t count) {
  std::int32_t high = 0;
  std::int32_t low = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<std::int32_t>(x[i]);
    const std::int32_t magnitude = bits & static_cast<std::int32_t>(kFp32Magnitude);
    const std::int32_t finite =
        magnitude < static_cast<std::int32_t>(kFp32Infinity) ? magnitude : 0;
    const std::int32_t above = bits < 0 ? 0 : finite;
    const std::int32_t below = bits < 0 ? finite : 0;
    high = above > high ? above : high;
    low = below > low ? below : low;
  }
  return {-std::bit_cast<float>(low), std::bit_cast<float>(high)};
}

/// How blocks of one format get their scales from their largest magnitudes, where that is enough:
/// without branches, for many blocks at once. `block` counts the blocks of the job.
template <typename Element, ScaleCode kScale, int kElementExponent>
NG_INLINE Divisor divisor_from(const LaneJob& job, std::uint32_t carry, std::uint32_t amax,
                               std::size_t block) {
  constexpr Range kRange = range_of<Element>(kElementExponent);
  const bool finite = amax < kFp32Infinity;
  if constexpr (kScale == ng_formats::kE8m0) {
    const bool used = finite && amax != 0;
    const std::uint8_t code = e8m0_scale(carry, amax, kRange);
    const std::uint8_t none = finite ? 0 : kE8m0Nan;
    job.scale_codes[block] = used ? code : none;
    return {used ? power_of_two(kE8m0Bias - code) : 1.0F, used ? ~0U : 0U, 0};
  } else if constexpr (kScale == ng_formats::kUe4m3) {
    const std::uint8_t wanted = ue4m3_scale(std::bit_cast<float>(amax), job.scale, kRange);
    const std::uint8_t code = finite ? wanted : static_cast<std::uint8_t>(kE4m3Fields.nan_code());
    job.scale_codes[block] = code;
    const float divisor = decode_ue4m3(code) * job.scale;
    const bool used = finite && divisor > 0;
    return {used ? divisor : 1.0F, used ? ~0U : 0U, 0};
  } else {
    static_assert(kScale == ng_formats::kFp32);
    const float wanted = symmetric_scale(std::bit_cast<float>(amax), kRange.max, job.fp16_scales);
    job.scales[block] = finite ? wanted : std::bit_cast<float>(kFp32Nan);
    return {finite ? wanted : 1.0F, finite ? ~0U : 0U, 0};
  }
}

/// The same for one block of any format.
template <typename Element, ScaleCode kScale, int kElementExponent>
NG_INLINE Divisor divisor_of(const LaneJob& job, std::uint32_t carry, const float* x,
                             std::size_t count, std::size_t block) {
  if constexpr (kScale == ng_formats::kNoScale) {
    return {job.scale, ~0U, job.zero};
  } else if constexpr (kScale != ng_formats::kFp32AndZero) {
    return divisor_from<Element, kScale, kElementExponent>(job, carry, largest_magnitude(x, count),
                                                           block);
  } else if (largest_magnitude(x, count) >= kFp32Infinity) {
    job.scales[block] = std::bit_cast<float>(kFp32Nan);
    job.zeros[block] = 0;
    return kDropped;
  } else {
    const Extremes range = range_with_zero(x, count);
    const Affine affine =
        affine_scale(range.low, range.high, IntegerElement<Element::kRow>::kMax, job.fp16_scales);
    job.scales[block] = affine.scale;
    job.zeros[block] = static_cast<std::uint8_t>(affine.zero);
    return {affine.scale, ~0U, affine.zero};
  }
}

/// y[i] = x[i] over its scale; 0 in blocks that are dropped.
template <ScaleCode kScale, int kElementExponent>
NG_INLINE void divide(const float* __restrict x, std::size_t count, const Divisor& divisor,
                      float* __restrict y) {
#pragma GCC unroll 1  // else short blocks are unrolled before anything is vectorised
  for (std::size_t i = 0; i < count; ++i) {
    const float kept = std::bit_cast<float>(std::bit_cast<std::uint32_t>(x[i]) & divisor.keep);
    // 2^-element_exponent apart: one over the smallest scale of MXINT8 is beyond FP32.
    y[i] = kScale == ng_formats::kE8m0 ? kept * divisor.value * power_of_two(-kElementExponent)
                                       : kept / divisor.value;
  }
}

/// The codes of the elements from `start` on. A block's scale leaves no NaN in it.
template <typename Element, ScaleCode kScale, bool kStochastic>
NG_INLINE void encode_elements(const LaneJob& job, std::size_t start, std::size_t count, int zero,
                               const float* __restrict y) {
  std::uint8_t* const __restrict codes = job.codes + start;
  for (std::size_t i = 0; i < count; ++i) {
    if constexpr (kStochastic) {
      const std::uint64_t counter = job.first + (start + i) * job.step;
      codes[i] = Element::code_at_random(y[i], zero, random_bits(job.seed, counter));
    } else {
      codes[i] = Element::template code < kScale == ng_formats::kNoScale > (y[i], zero);
    }
  }
}

/// How many elements are converted at once: what lies between two passes stays in the cache.
constexpr std::size_t kTogether = 512;

/// As many whole blocks of at least kShortest elements as that: all largest magnitudes, then all
/// scales, then the elements. The operations of one scale wait for one another, those of many do
/// not.
constexpr std::size_t kShortest = 16;
template <typename Element, ScaleCode kScale, int kElementExponent, bool kStochastic>
NG_INLINE void quantize_together(const LaneJob& job, std::uint32_t carry, std::size_t first,
                                 std::size_t blocks, std::size_t block) {
  std::uint32_t amax[kTogether / kShortest];
  float value[kTogether / kShortest];
  std::uint32_t keep[kTogether / kShortest];
  float y[kTogether];
#pragma GCC unroll 1
  for (std::size_t i = 0; i < blocks; ++i) {
    amax[i] = largest_magnitude(job.x + (first + i) * block, block);
  }
#pragma GCC ivdep  // the codes of the scales are not among the job's other data
  for (std::size_t i = 0; i < blocks; ++i) {
    const Divisor divisor =
        divisor_from<Element, kScale, kElementExponent>(job, carry, amax[i], first + i);
    value[i] = divisor.value;
    keep[i] = divisor.keep;
  }
#pragma GCC unroll 1
  for (std::size_t i = 0; i < blocks; ++i) {
    divide<kScale, kElementExponent>(job.x + (first + i) * block, block, {value[i], keep[i], 0},
                                     y + i * block);
  }
  encode_elements<Element, kScale, kStochastic>(job, first * block, blocks * block, 0, y);
}

/// One block of any length, or the rest of one.
template <typename Element, ScaleCode kScale, int kElementExponent, bool kStochastic>
NG_INLINE void quantize_block(const LaneJob& job, std::uint32_t carry, std::size_t start,
                              std::size_t count, std::size_t block) {
  const Divisor divisor =
      divisor_of<Element, kScale, kElementExponent>(job, carry, job.x + start, count, block);
  float y[kTogether];
  for (std::size_t done = 0; done < count; done += kTogether) {
    const std::size_t now = count - done < kTogether ? count - done : kTogether;
    divide<kScale, kElementExponent>(job.x + start + done, now, divisor, y);
    encode_elements<Element, kScale, kStochastic>(job, start + done, now, divisor.zero, y);
  }
}

/// kBlock: elements in a block, as a constant for the compiler; 0: as the job says.
template <typename Element, ScaleCode kScale, int kElementExponent, int kBlock, bool kStochastic>
NG_VECTORISED void quantize_lane(const LaneJob& given) {
  const LaneJob job = given;  // the compiler sees that no store of a code changes it
  const std::size_t block = kBlock != 0 ? std::size_t{kBlock} : job.block;
  const std::uint32_t carry = carry_of(job.rule, range_of<Element>(kElementExponent));
  std::size_t index = 0;
  if constexpr (kScale != ng_formats::kNoScale && kScale != ng_formats::kFp32AndZero) {
    const std::size_t blocks = block < kShortest ? 0 : kTogether / block;
    for (; blocks > 1 && (index + blocks) * block <= job.count; index += blocks) {
      quantize_together<Element, kScale, kElementExponent, kStochastic>(job, carry, index, blocks,
                                                                        block);
    }
  }
  for (; index * block < job.count; ++index) {
    const std::size_t left = job.count - index * block;
    quantize_block<Element, kScale, kElementExponent, kStochastic>(
        job, carry, index * block, left < block ? left : block, index);
  }
}

template <typename Element, ScaleCode kScale, int kElementExponent, int kBlock>
LaneKernel rounded(bool stochastic) {
  return stochastic ? quantize_lane<Element, kScale, kElementExponent, kBlock, true>
                    : quantize_lane<Element, kScale, kElementExponent, kBlock, false>;
}

template <int kElement, ScaleCode kScale, int kElementExponent, int kBlock>
LaneKernel of_element(bool saturate, bool stochastic) {
  constexpr const ng_formats::Element& kRow = ng_formats::kElements[kElement];
  if constexpr (kRow.exponent_bits == 0) {
    return rounded<IntegerElement<kElement>, kScale, kElementExponent, kBlock>(stochastic);
  } else if constexpr (kRow.specials == ng_formats::kNone) {  // saturates always
    return rounded<FloatElement<kElement, true>, kScale, kElementExponent, kBlock>(stochastic);
  } else {
    return saturate
               ? rounded<FloatElement<kElement, true>, kScale, kElementExponent, kBlock>(stochastic)
               : rounded<FloatElement<kElement, false>, kScale, kElementExponent, kBlock>(
                     stochastic);
  }
}

template <BlockCode kCode>
LaneKernel of_blocks(bool saturate, bool stochastic) {
  constexpr const ng_formats::BlockFormat& kRow = ng_formats::kBlockFormats[kCode];
  return of_element<kRow.element, kRow.scale, kRow.element_exponent, kRow.block>(saturate,
                                                                                 stochastic);
}

template <int kElement>
LaneKernel of_plain(bool saturate, bool stochastic) {
  return of_element<kElement, ng_formats::kNoScale, 0, 0>(saturate, stochastic);
}

}  // namespace

LaneKernel lane_kernel(Format format, bool saturate, bool stochastic) {
  switch (format) {
    case Format::kInt8:
      return of_plain<ng_formats::kInt8>(saturate, stochastic);
    case Format::kUint8:
      return of_plain<ng_formats::kUint8>(saturate, stochastic);
    case Format::kInt4:
      return of_plain<ng_formats::kInt4>(saturate, stochastic);
    case Format::kUint4:
      return of_plain<ng_formats::kUint4>(saturate, stochastic);
    case Format::kE2m1:
      return of_plain<ng_formats::kE2m1>(saturate, stochastic);
    case Format::kE2m3:
      return of_plain<ng_formats::kE2m3>(saturate, stochastic);
    case Format::kE3m2:
      return of_plain<ng_formats::kE3m2>(saturate, stochastic);
    case Format::kE4m3:
      return of_plain<ng_formats::kE4m3>(saturate, stochastic);
    case Format::kE5m2:
      return of_plain<ng_formats::kE5m2>(saturate, stochastic);
    case Format::kMxfp8E4m3:
      return of_blocks<ng_formats::kMxfp8E4m3>(saturate, stochastic);
    case Format::kMxfp8E5m2:
      return of_blocks<ng_formats::kMxfp8E5m2>(saturate, stochastic);
    case Format::kMxfp6E2m3:
      return of_blocks<ng_formats::kMxfp6E2m3>(saturate, stochastic);
    case Format::kMxfp6E3m2:
      return of_blocks<ng_formats::kMxfp6E3m2>(saturate, stochastic);
    case Format::kMxfp4:
      return of_blocks<ng_formats::kMxfp4>(saturate, stochastic);
    case Format::kMxint8:
      return of_blocks<ng_formats::kMxint8>(saturate, stochastic);
    case Format::kNvfp4:
      return of_blocks<ng_formats::kNvfp4>(saturate, stochastic);
    case Format::kInt8Group:
      return of_blocks<ng_formats::kInt8Group>(saturate, stochastic);
    case Format::kInt4Group:
      return of_blocks<ng_formats::kInt4Group>(saturate, stochastic);
    case Format::kUint4Group:
      return of_blocks<ng_formats::kUint4Group>(saturate, stochastic);
    case Format::kE4m3Group:
      return of_blocks<ng_formats::kE4m3Group>(saturate, stochastic);
    case Format::kE5m2Group:
      return of_blocks<ng_formats::kE5m2Group>(saturate, stochastic);
  }
  return nullptr;
}

NG_VECTORISED Extremes extremes(const float* x, std::size_t count) {
  return range_with_zero(x, count);
}

NG_VECTORISED void widen_fp16(const std::uint16_t* from, std::size_t count, float* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = decode<kFp16Fields>(from[i]);
}

NG_VECTORISED void widen_bf16(const std::uint16_t* from, std::size_t count, float* to) {
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = std::bit_cast<float>(static_cast<std::uint32_t>(from[i]) << 16);
  }
}

}  // namespace narrowgate::internal
