// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// IEEE 754 binary32 on integers, round to nearest even, subnormals included. Every NaN result is
// the canonical 0x7FC00000. Written for hardware: straight-line code, no loop-carried state.
#pragma once

#include <ap_int.h>

namespace fp32 {

typedef ap_uint<32> Bits;

constexpr int kBias = 127;
constexpr int kMinExponent = -126;  // of a normal number
constexpr int kFractionBits = 23;
inline Bits Infinity() { return Bits(0x7F800000); }
inline Bits QuietNan() { return Bits(0x7FC00000); }

inline bool Sign(Bits f) { return f[31]; }
inline ap_uint<8> BiasedExponent(Bits f) { return f.range(30, 23); }
inline bool IsNan(Bits f) { return f.range(30, 0) > ap_uint<31>(0x7F800000); }
inline bool IsInfinite(Bits f) { return f.range(30, 0) == ap_uint<31>(0x7F800000); }
inline bool IsZero(Bits f) { return f.range(30, 0) == ap_uint<31>(0); }

// Significand of a finite number as an integer; the value is significand · 2^Exponent(f).
inline ap_uint<24> Significand(Bits f) {
  ap_uint<24> significand = f.range(22, 0);
  significand[23] = BiasedExponent(f) != 0;
  return significand;
}
inline ap_int<10> Exponent(Bits f) {
  const ap_uint<8> biased = BiasedExponent(f);
  const ap_uint<8> normal = biased == 0 ? ap_uint<8>(1) : biased;
  return ap_int<10>(ap_int<10>(normal) - (kBias + kFractionBits));
}

// Whether a bit below bit `places` is set.
template <int kBits>
inline bool AnyBelow(ap_uint<kBits> value, ap_uint<6> places) {
  const ap_uint<kBits> above = ap_uint<kBits>(ap_uint<kBits>(~ap_uint<kBits>(0)) << places);
  return (value & ap_uint<kBits>(~above)) != 0;
}

// Shifts the leading one of a non-zero value to the highest bit and counts the places.
template <int kBits>
inline ap_uint<kBits> Normalise(ap_uint<kBits> value, ap_uint<6>& places) {
  places = 0;
normalise:
  for (int s = 5; s >= 0; --s) {
#pragma HLS UNROLL
    const int width = 1 << s;
    if (width < kBits) {
      const bool shift = (value >> (kBits - width)) == 0;
      value = shift ? ap_uint<kBits>(value << width) : value;
      places[s] = shift;
    }
  }
  return value;
}

// ±top·2^(leading − (kBits − 1)) to the nearest binary32: the highest bit of `top` is set unless it
// is 0, and `leading` is its exponent.
template <int kBits>
inline Bits RoundNormalised(bool negative, ap_uint<kBits> top, ap_int<12> leading) {
  const bool subnormal = leading < kMinExponent;
  const ap_uint<12> deficit = subnormal ? ap_uint<12>(kMinExponent - leading) : ap_uint<12>(0);
  const ap_uint<5> right = deficit > 25 ? ap_uint<5>(25) : ap_uint<5>(deficit);
  // The significand and the half, and what is below.
  const ap_uint<25> head = top.range(kBits - 1, kBits - 25);
  const ap_uint<kBits - 25> tail = top.range(kBits - 26, 0);
  const ap_uint<25> moved = head >> right;
  const bool below = AnyBelow<25>(head, right) || tail != 0;
  const bool half = moved[0];
  const ap_uint<24> kept = moved.range(24, 1);
  const bool up = half && (below || kept[0]);
  // A carry out of the significand moves into the exponent, as it should.
  const ap_int<12> base = subnormal ? ap_int<12>(0) : ap_int<12>(leading + kBias - 1);
  const ap_uint<36> magnitude =
      (ap_uint<36>(ap_uint<12>(base)) << kFractionBits) + kept + ap_uint<1>(up);
  const bool overflow = magnitude.range(35, kFractionBits) >= ap_uint<13>(255);
  Bits result = overflow ? Infinity() : Bits(magnitude);
  if (top == 0) result = 0;
  result[31] = negative;
  return result;
}

// ±value·2^exponent to the nearest binary32. Bit 0 of `value` may stand for "more, exactly unknown"
// (sticky) as long as the value then has at least 26 significant bits.
template <int kBits>
inline Bits Round(bool negative, ap_uint<kBits> value, ap_int<12> exponent) {
  ap_uint<6> places;
  const ap_uint<kBits> top = Normalise<kBits>(value, places);
  return RoundNormalised<kBits>(negative, top, ap_int<12>(exponent + (kBits - 1) - places));
}

// A factor of a product: significand·2^exponent, whose bit 23 is set unless it is 0.
struct Factor {
  bool negative;
  bool infinite;
  bool nan;
  ap_uint<24> significand;
  ap_int<10> exponent;
};

inline Factor Unpack(Bits f) {
  Factor factor;
  ap_uint<6> places;
  factor.negative = Sign(f);
  factor.infinite = IsInfinite(f);
  factor.nan = IsNan(f);
  factor.significand = Normalise<24>(Significand(f), places);
  factor.exponent = ap_int<10>(Exponent(f) - places);
  return factor;
}

// An integer's binary32, as a factor.
inline Factor UnpackInt32(ap_int<32> x) {
  Factor factor;
  ap_uint<6> places;
  factor.negative = x < 0;
  factor.infinite = false;
  factor.nan = false;
  const ap_uint<32> magnitude = x < 0 ? ap_uint<32>(-ap_int<33>(x)) : ap_uint<32>(x);
  const ap_uint<32> top = Normalise<32>(magnitude, places);
  const bool half = top[7];
  const bool below = top.range(6, 0) != ap_uint<7>(0);
  const ap_uint<25> rounded = ap_uint<24>(top.range(31, 8)) + ap_uint<1>(half && (below || top[8]));
  const bool carry = rounded[24];
  factor.significand = carry ? ap_uint<24>(1 << 23) : ap_uint<24>(rounded);
  factor.exponent = ap_int<10>(8 - places + ap_uint<1>(carry));
  return factor;
}

inline Bits Multiply(const Factor& a, const Factor& b) {
  const bool negative = a.negative != b.negative;
  const ap_uint<48> product = a.significand * b.significand;
  const bool high = product[47];
  const ap_uint<48> top = high ? product : ap_uint<48>(product << 1);
  const ap_int<12> leading = ap_int<12>(a.exponent + b.exponent + 46 + ap_uint<1>(high));
  Bits result = RoundNormalised<48>(negative, top, leading);
  const bool infinite = a.infinite || b.infinite;
  if (infinite) {
    result = Infinity();
    result[31] = negative;
  }
  const bool invalid = (a.infinite && b.significand == 0) || (a.significand == 0 && b.infinite);
  return a.nan || b.nan || invalid ? QuietNan() : result;
}

inline Bits Multiply(Bits a, Bits b) { return Multiply(Unpack(a), Unpack(b)); }

inline Bits Add(Bits a, Bits b) {
  const bool a_larger = a.range(30, 0) >= b.range(30, 0);
  const Bits large = a_larger ? a : b;
  const Bits small = a_larger ? b : a;
  // Two guard bits and a sticky one: the sum keeps 26 significant bits wherever the last is set.
  const ap_uint<10> distance = ap_uint<10>(Exponent(large) - Exponent(small));
  const ap_uint<5> right = distance > 27 ? ap_uint<5>(27) : ap_uint<5>(distance);
  const ap_uint<27> x = ap_uint<27>(Significand(large)) << 3;
  const ap_uint<27> moving = ap_uint<27>(Significand(small)) << 3;
  ap_uint<27> y = moving >> right;
  y[0] = y[0] | AnyBelow<27>(moving, right);
  const bool subtract = Sign(large) != Sign(small);
  const ap_uint<28> sum = subtract ? ap_uint<28>(x - y) : ap_uint<28>(x + y);
  // A sum that is subnormal is exact: it is shifted to the left no further than the exponent goes.
  const ap_uint<8> field = BiasedExponent(large);
  const ap_uint<8> limit = field == 0 ? ap_uint<8>(1) : field;
  const ap_uint<5> most = limit > 28 ? ap_uint<5>(28) : ap_uint<5>(limit);
  ap_uint<6> zeros;
  Normalise<28>(sum, zeros);
  const ap_uint<5> left = zeros < most ? ap_uint<5>(zeros) : most;
  const ap_uint<28> aligned = ap_uint<28>(sum << left);
  const ap_uint<24> kept = aligned.range(27, 4);
  const bool half = aligned[3];
  const bool below = aligned.range(2, 0) != ap_uint<3>(0);
  // The leading one counts 1 in the exponent's field, and so does a carry out of the significand.
  const ap_uint<32> magnitude = (ap_uint<32>(ap_uint<8>(limit - left)) << kFractionBits) + kept +
                                ap_uint<1>(half && (below || kept[0]));
  const bool overflow = magnitude.range(31, kFractionBits) >= ap_uint<9>(255);
  Bits result = overflow ? Infinity() : Bits(magnitude);
  result[31] = Sign(large);
  // An exact zero is +0 unless both addends were -0.
  if (sum == 0) {
    result = 0;
    result[31] = Sign(a) && Sign(b);
  }
  if (IsInfinite(large)) result = large;
  const bool invalid = IsInfinite(a) && IsInfinite(b) && subtract;
  return IsNan(a) || IsNan(b) || invalid ? QuietNan() : result;
}

// Numbers in their order; zeros of either sign are equal. Not for a NaN.
inline ap_int<32> Order(Bits f) {
  const ap_int<32> magnitude = ap_int<32>(f.range(30, 0));
  return Sign(f) ? ap_int<32>(-magnitude) : magnitude;
}

// a < b; neither is a NaN.
inline bool Less(Bits a, Bits b) { return Order(a) < Order(b); }

// The nearest of lo … hi; a NaN stays.
inline Bits Clamp(Bits f, Bits lo, Bits hi) {
  const bool below = !IsNan(f) && Less(f, lo);
  const bool above = !IsNan(f) && Less(hi, f);
  return below ? lo : above ? hi : f;
}

// Nearest integer, ties to even, saturated to int32. The argument is not a NaN.
inline ap_int<32> ToInt32(Bits f) {
  const ap_int<10> exponent = Exponent(f);
  const bool huge = exponent > 7;  // |f| >= 2^31
  // 31 bits and the half, of what is below 2^31.
  const ap_uint<32> fixed = ap_uint<32>(Significand(f)) << 8;
  const ap_uint<10> distance = ap_uint<10>(7 - exponent);
  const ap_uint<6> right = distance > 32 ? ap_uint<6>(32) : ap_uint<6>(distance);
  const ap_uint<32> moved = fixed >> right;
  const ap_uint<31> whole = moved.range(31, 1);
  const bool half = moved[0];
  const bool below = AnyBelow<32>(fixed, right);
  const ap_uint<32> magnitude = whole + ap_uint<1>(half && (below || whole[0]));
  const ap_int<33> value = Sign(f) ? ap_int<33>(-ap_int<33>(magnitude)) : ap_int<33>(magnitude);
  const ap_int<32> limit = Sign(f) ? ap_int<32>(-2147483647 - 1) : ap_int<32>(2147483647);
  return huge ? limit : ap_int<32>(value);
}

}  // namespace fp32
