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

// Shifts the leading one of a non-zero value to bit 63 and counts the places.
inline ap_uint<64> Normalise(ap_uint<64> value, ap_uint<6>& places) {
  places = 0;
normalise:
  for (int s = 5; s >= 0; --s) {
#pragma HLS UNROLL
    const int width = 1 << s;
    const bool shift = (value >> (64 - width)) == 0;
    value = shift ? ap_uint<64>(value << width) : value;
    places[s] = shift;
  }
  return value;
}

// Shifts right by `places` (64 and more give 0) and ORs what falls out into bit 0.
inline ap_uint<64> ShiftRightSticky(ap_uint<64> value, ap_uint<10> places) {
  const bool all = places > 63;
  const ap_uint<6> distance = places.range(5, 0);
  const ap_uint<64> kept = value >> distance;
  const bool lost = ap_uint<64>(kept << distance) != value;
  ap_uint<64> result = all ? ap_uint<64>(0) : kept;
  result[0] = result[0] | (all ? value != 0 : lost);
  return result;
}

// ±value·2^exponent to the nearest binary32. Bits of `value` may stand for "more, exactly unknown"
// in bit 0 (sticky) as long as the value then has at least 26 significant bits.
inline Bits Round(bool negative, ap_uint<64> value, ap_int<12> exponent) {
  ap_uint<6> places;
  const ap_uint<64> top = Normalise(value, places);
  const ap_int<12> leading = ap_int<12>(exponent + 63 - places);  // exponent of the leading one
  const bool subnormal = leading < kMinExponent;
  const ap_uint<12> deficit = subnormal ? ap_uint<12>(kMinExponent - leading) : ap_uint<12>(0);
  const ap_uint<10> right = deficit > 63 ? ap_uint<10>(64) : ap_uint<10>(deficit);
  const ap_uint<64> aligned = ShiftRightSticky(top, right);
  const ap_uint<24> kept = aligned.range(63, 40);
  const bool half = aligned[39];
  const bool below = aligned.range(38, 0) != ap_uint<39>(0);
  const bool up = half && (below || kept[0]);
  // A carry out of the significand moves into the exponent, as it should.
  const ap_int<12> base = subnormal ? ap_int<12>(0) : ap_int<12>(leading + kBias - 1);
  const ap_uint<36> magnitude =
      (ap_uint<36>(ap_uint<12>(base)) << kFractionBits) + kept + ap_uint<1>(up);
  const bool overflow = magnitude >= ap_uint<36>(0x7F800000);
  Bits result = overflow ? Infinity() : Bits(magnitude);
  if (value == 0) result = 0;
  result[31] = negative;
  return result;
}

inline Bits Multiply(Bits a, Bits b) {
  const bool negative = Sign(a) != Sign(b);
  const ap_uint<48> product = Significand(a) * Significand(b);
  Bits result = Round(negative, product, ap_int<12>(Exponent(a) + Exponent(b)));
  const bool infinite = IsInfinite(a) || IsInfinite(b);
  if (infinite) {
    result = Infinity();
    result[31] = negative;
  }
  const bool invalid = (IsInfinite(a) && IsZero(b)) || (IsZero(a) && IsInfinite(b));
  return IsNan(a) || IsNan(b) || invalid ? QuietNan() : result;
}

inline Bits Add(Bits a, Bits b) {
  const bool a_larger = a.range(30, 0) >= b.range(30, 0);
  const Bits large = a_larger ? a : b;
  const Bits small = a_larger ? b : a;
  // 38 guard bits: a difference of exponents beyond them leaves only the sticky bit.
  const int guard = 38;
  const ap_uint<10> distance = ap_uint<10>(Exponent(large) - Exponent(small));
  const ap_uint<64> x = ap_uint<64>(Significand(large)) << guard;
  const ap_uint<64> y = ShiftRightSticky(ap_uint<64>(Significand(small)) << guard, distance);
  const bool subtract = Sign(large) != Sign(small);
  const ap_uint<64> sum = subtract ? ap_uint<64>(x - y) : ap_uint<64>(x + y);
  Bits result = Round(Sign(large), sum, ap_int<12>(Exponent(large) - guard));
  // An exact zero is +0 unless both addends were -0.
  if (sum == 0) result[31] = Sign(a) && Sign(b);
  if (IsInfinite(large)) result = large;
  const bool invalid = IsInfinite(a) && IsInfinite(b) && subtract;
  return IsNan(a) || IsNan(b) || invalid ? QuietNan() : result;
}

// a < b; neither is a NaN. Zeros of either sign are equal.
inline bool Less(Bits a, Bits b) {
  const bool both_zero = IsZero(a) && IsZero(b);
  const bool below = a.range(30, 0) < b.range(30, 0);
  const bool above = a.range(30, 0) > b.range(30, 0);
  const bool same_sign = Sign(a) ? above : below;
  return !both_zero && (Sign(a) != Sign(b) ? Sign(a) : same_sign);
}

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
  const ap_uint<3> left = exponent > 0 ? ap_uint<3>(exponent) : ap_uint<3>(0);
  // One bit below the point and a sticky one are enough to round.
  const ap_uint<10> right = exponent < 0 ? ap_uint<10>(-exponent) : ap_uint<10>(0);
  const ap_uint<64> fixed = ShiftRightSticky(ap_uint<64>(Significand(f)) << 32, right);
  const ap_uint<32> whole = ap_uint<32>(fixed.range(63, 32)) << left;
  const bool half = fixed[31];
  const bool below = fixed.range(30, 0) != ap_uint<31>(0);
  const ap_uint<32> magnitude = whole + ap_uint<1>(half && (below || whole[0]));
  const ap_int<33> value = Sign(f) ? ap_int<33>(-ap_int<33>(magnitude)) : ap_int<33>(magnitude);
  const ap_int<32> limit = Sign(f) ? ap_int<32>(-2147483647 - 1) : ap_int<32>(2147483647);
  return huge ? limit : ap_int<32>(value);
}

}  // namespace fp32
