// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The number formats written down from their definitions, independent of the formats' table.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace rtl_test {

// The elements by their definition: sign, exponent and mantissa bits, bias; integers have none.
struct Definition {
  const char* name;
  int bits, exponent_bits, mantissa_bits, bias;
};
constexpr int kInt8 = 0, kUint8 = 1, kUint4 = 3, kE2m1 = 4, kE4m3 = 7, kE5m2 = 8, kElements = 9;
constexpr Definition kDefinitions[kElements] = {
    {"INT8", 8, 0, 7, 0},  {"UINT8", 8, 0, 7, 0}, {"INT4", 4, 0, 3, 0},
    {"UINT4", 4, 0, 3, 0}, {"E2M1", 4, 2, 1, 1},  {"E2M3", 6, 2, 3, 1},
    {"E3M2", 6, 3, 2, 3},  {"E4M3", 8, 4, 3, 7},  {"E5M2", 8, 5, 2, 15}};
constexpr int kNone = 0, kE8m0 = 1, kUe4m3 = 2, kFp32 = 3;

inline int Lsb(int element) {
  const Definition& d = kDefinitions[element];
  return d.exponent_bits ? 1 - d.bias - d.mantissa_bits : 0;
}

inline double ElementValue(int element, int code) {
  const Definition& d = kDefinitions[element];
  const int top = 1 << (d.bits - 1);
  // UINT8 and UINT4 stand for u - 128 and u - 8 in the array.
  if (element == kUint8 || element == kUint4) return code - top;
  if (d.exponent_bits == 0) return code >= top ? code - 2 * top : code;
  const int mantissa = code % (1 << d.mantissa_bits);
  const int exponent = (code >> d.mantissa_bits) % (1 << d.exponent_bits);
  const double sign = code >= top ? -1 : 1;
  if (element == kE4m3 && code % 128 == 127) return std::nan("");
  if (element == kE5m2 && exponent == 31) {
    return mantissa ? std::nan("") : sign * std::numeric_limits<double>::infinity();
  }
  const double fraction = std::ldexp(mantissa, -d.mantissa_bits);
  return exponent == 0 ? sign * std::ldexp(fraction, 1 - d.bias)
                       : sign * std::ldexp(1 + fraction, exponent - d.bias);
}

inline double ScaleValue(int kind, uint32_t code) {
  if (kind == kNone) return 1;
  if (kind == kE8m0)
    return code == 255 ? std::nan("") : std::ldexp(1.0, static_cast<int>(code) - 127);
  if (kind == kUe4m3) return ElementValue(kE4m3, static_cast<int>(code & 127));
  float value;
  std::memcpy(&value, &code, 4);
  return value;
}

}  // namespace rtl_test
