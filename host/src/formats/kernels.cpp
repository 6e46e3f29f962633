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

/// How blocks of one format get their scales. `block` counts the lane's blocks.
template <typename Element, ScaleCode kScale, int kElementExponent>
NG_INLINE Divisor divisor_of(const LaneJob& job, const float* x, std::size_t count,
                             std::size_t block) {
  constexpr Range kRange = range_of<Element>(kElementExponent);
  if constexpr (kScale == ng_formats::kNoScale) {
    return {job.scale, ~0U, job.zero};
  } else {
    const std::uint32_t amax = largest_magnitude(x, count);
    const bool finite = amax < kFp32Infinity;
    if constexpr (kScale == ng_formats::kE8m0) {
      if (amax == 0 || !finite) {
        job.scale_codes[block] = finite ? 0 : kE8m0Nan;
        return kDropped;
      }
      const std::uint8_t code = e8m0_scale(job.rule, amax, kRange);
      job.scale_codes[block] = code;
      return {power_of_two(kE8m0Bias - code), ~0U, 0};
    } else if constexpr (kScale == ng_formats::kUe4m3) {
      const std::uint8_t code = finite ? ue4m3_scale(std::bit_cast<float>(amax), job.scale, kRange)
                                       : static_cast<std::uint8_t>(kE4m3Fields.nan_code());
      job.scale_codes[block] = code;
      const float divisor = decode_ue4m3(code) * job.scale;
      return finite && divisor > 0 ? Divisor{divisor, ~0U, 0} : kDropped;
    } else if (!finite) {
      job.scales[block] = std::bit_cast<float>(kFp32Nan);
      if constexpr (kScale == ng_formats::kFp32AndZero) job.zeros[block] = 0;
      return kDropped;
    } else if constexpr (kScale == ng_formats::kFp32) {
      const float scale = symmetric_scale(std::bit_cast<float>(amax), kRange.max, job.fp16_scales);
      job.scales[block] = scale;
      return {scale, ~0U, 0};
    } else {
      const Extremes range = range_with_zero(x, count);
      const Affine affine =
          affine_scale(range.low, range.high, IntegerElement<Element::kRow>::kMax, job.fp16_scales);
      job.scales[block] = affine.scale;
      job.zeros[block] = static_cast<std::uint8_t>(affine.zero);
      return {affine.scale, ~0U, affine.zero};
    }
  }
}

template <typename Element, ScaleCode kScale, int kElementExponent, bool kStochastic>
NG_INLINE void quantize_block(const LaneJob& job, std::size_t start, std::size_t count,
                              std::size_t block) {
  const float* const __restrict x = job.x + start;
  std::uint8_t* const __restrict codes = job.codes + start;
  const Divisor divisor = divisor_of<Element, kScale, kElementExponent>(job, x, count, block);
#pragma GCC unroll 1  // else short blocks are unrolled before anything is vectorised
  for (std::size_t i = 0; i < count; ++i) {
    const float kept = std::bit_cast<float>(std::bit_cast<std::uint32_t>(x[i]) & divisor.keep);
    // 2^-element_exponent apart: one over the smallest scale of MXINT8 is beyond FP32.
    const float y = kScale == ng_formats::kE8m0
                        ? kept * divisor.value * power_of_two(-kElementExponent)
                        : kept / divisor.value;
    if constexpr (kStochastic) {
      const std::uint64_t counter = job.first + (start + i) * job.step;
      codes[i] = Element::code_at_random(y, divisor.zero, random_bits(job.seed, counter));
    } else {
      codes[i] = Element::code(y, divisor.zero);
    }
  }
}

/// kBlock: elements in a block, as a constant for the compiler; 0: as the job says.
template <typename Element, ScaleCode kScale, int kElementExponent, int kBlock, bool kStochastic>
NG_VECTORISED void quantize_lane(const LaneJob& job) {
  const std::size_t block = kBlock != 0 ? kBlock : job.block;
  std::size_t start = 0;
  std::size_t index = 0;
  for (; start + block <= job.count; start += block, ++index) {
    quantize_block<Element, kScale, kElementExponent, kStochastic>(
        job, start, kBlock != 0 ? kBlock : block, index);
  }
  if (start < job.count) {
    quantize_block<Element, kScale, kElementExponent, kStochastic>(job, start, job.count - start,
                                                                   index);
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
