// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Activations of FP32 results (docs/seams.md, section 12): x·σ(u) with σ from sigmoid.hpp, in one
// rounding; then the clamp.
#pragma once

#include "config.hpp"
#include "fp32.hpp"
#include "sigmoid.hpp"

namespace gemm_config {

typedef ap_uint<kSigmoidRange + kSigmoidArgumentBits> SigmoidArgument;
typedef ap_uint<kSigmoidBits + 1> SigmoidValue;

// |x| in fixed point with kSigmoidArgumentBits after the point, to nearest, ties upwards; for |x| <
// 2^kSigmoidRange. Rounded up, it may be that bound itself.
inline ap_uint<27> Magnitude22(fp32::Bits x) {
  const ap_int<10> exponent = fp32::Exponent(x);  // of the significand's lowest bit
  // Below 2^4 the exponent is at most -20: three places to the left, then to the right,
  // which leaves one bit to round by.
  const ap_int<10> right = ap_int<10>(-20 - exponent);
  const ap_uint<5> places = right > 28 ? ap_uint<5>(28) : ap_uint<5>(right);
  const ap_uint<28> doubled = ap_uint<28>(ap_uint<28>(fp32::Significand(x)) << 3) >> places;
  return ap_uint<27>((doubled + 1) >> 1);
}

// σ(u) for u ≥ 0.
inline SigmoidValue Sigmoid(SigmoidArgument u) {
  const ap_uint<64> segment = kSigmoid.words[u.range(25, kSegmentRestBits).to_uint()];
  const ap_uint<kSegmentRestBits> rest = u.range(kSegmentRestBits - 1, 0);
  const ap_uint<kC0Bits> c0 = segment.range(kC0Bits - 1, 0);
  const ap_uint<kC1Bits> c1 = segment.range(kC0Bits + kC1Bits - 1, kC0Bits);
  const ap_uint<kC2Bits> c2 = segment.range(63, kC0Bits + kC1Bits);
  const ap_uint<34> bend = c2 * rest;
  const ap_uint<kC1Bits> slope =
      ap_uint<kC1Bits>(c1 - (bend >> (kC2Point + kSegmentRestBits - kC1Point)));
  const ap_uint<39> rise = slope * rest;
  return SigmoidValue((SigmoidValue(1) << (kSigmoidBits - 1)) + c0 +
                      SigmoidValue(rise >> (kC1Point + kSegmentRestBits - kC0Point)));
}

// u of GELU for x in fixed point, |x| < 2^kGeluRange; 2^26 or more means 16 or more.
inline ap_uint<29> GeluArgument(ap_uint<26> x) {
  const ap_uint<52> exact_square = x * x;
  const ap_uint<32> square =
      ap_uint<32>(exact_square >> (2 * kSigmoidArgumentBits - kGeluSquareBits));
  const ap_uint<59> cubic = square * ap_uint<27>(kGeluCubic);
  const ap_uint<30> factor = ap_uint<30>(
      ap_uint<27>(kGeluLinear) + (cubic >> (kGeluSquareBits + kGeluCubicBits - kGeluLinearBits)));
  const ap_uint<56> product = x * factor;
  return ap_uint<29>(product >> kGeluLinearBits);
}

// x·σ(u): u = x for SiLU, GELU's polynomial for GELU.
inline fp32::Bits Activated(fp32::Bits x, bool is_gelu) {
  const ap_uint<27> magnitude = Magnitude22(x);
  const ap_uint<29> gelu = GeluArgument(ap_uint<26>(magnitude));
  const ap_uint<29> u = is_gelu ? gelu : ap_uint<29>(magnitude);
  // The exponent field of 2^kGeluRange and of 2^kSigmoidRange.
  const ap_uint<8> bound = ap_uint<8>(fp32::kBias + (is_gelu ? kGeluRange : kSigmoidRange));
  const bool beyond = fp32::BiasedExponent(x) >= bound || (u >> 26) != 0;
  const SigmoidValue one = SigmoidValue(1) << kSigmoidBits;
  const SigmoidValue above = beyond ? one : Sigmoid(SigmoidArgument(u));
  const bool negative = fp32::Sign(x);
  const SigmoidValue sigma = negative ? SigmoidValue(one - above) : above;
  const ap_uint<51> product = fp32::Significand(x) * sigma;
  fp32::Bits result =
      fp32::Round<51>(negative, product, ap_int<12>(fp32::Exponent(x) - kSigmoidBits));
  if (fp32::IsInfinite(x)) {
    result = negative ? fp32::Bits(0) : fp32::Infinity();
    result[31] = negative;
  }
  return fp32::IsNan(x) ? fp32::QuietNan() : result;
}

// The activation, then the clamp, which leaves NaN alone.
inline void Activate(hls::stream<Beat>& in, hls::stream<Beat>& out, Count words, Word mode,
                     Word activation, Word out_format, Word lo, Word hi) {
  const Count total = IsEncoded(mode, activation, out_format) ? words : Count(0);
  const bool is_gelu = activation == kGelu;
  const bool is_active = activation != kNoActivation;
activate:
  for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    const Beat values = in.read();
    Beat result = 0;
  activate_lanes:
    for (int l = 0; l < kLanes; ++l) {
#pragma HLS UNROLL
      const fp32::Bits x = values.range(32 * l + 31, 32 * l);
      const fp32::Bits f = is_active ? Activated(x, is_gelu) : x;
      result.range(32 * l + 31, 32 * l) = fp32::Clamp(f, lo, hi);
    }
    out.write(result);
  }
}

}  // namespace gemm_config
