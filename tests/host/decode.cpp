// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "decode.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

namespace narrowgate::testing {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

double e2m1(std::uint32_t code) {
  constexpr double kMagnitude[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
  return (code & 8) != 0 ? -kMagnitude[code & 7] : kMagnitude[code & 7];
}

/// ±1.mantissa · 2^(exponent − bias), or ±0.mantissa · 2^(1 − bias).
double fields(bool negative, int exponent, double fraction, int bias) {
  const double magnitude = exponent == 0 ? fraction * std::pow(2.0, 1 - bias)
                                         : (1.0 + fraction) * std::pow(2.0, exponent - bias);
  return negative ? -magnitude : magnitude;
}

double e2m3(std::uint32_t c) { return fields(c & 32, c >> 3 & 3, (c & 7) / 8.0, 1); }
double e3m2(std::uint32_t c) { return fields(c & 32, c >> 2 & 7, (c & 3) / 4.0, 3); }
double e4m3(std::uint32_t c) {
  return (c & 127) == 127 ? kNan : fields(c & 128, c >> 3 & 15, (c & 7) / 8.0, 7);
}
double e5m2(std::uint32_t c) {
  if ((c & 127) == 124) return (c & 128) != 0 ? -kInfinity : kInfinity;
  if ((c & 127) > 124) return kNan;
  return fields(c & 128, c >> 2 & 31, (c & 3) / 4.0, 15);
}

}  // namespace

double decode_element(std::uint32_t element, std::uint32_t bits) {
  switch (element) {
    case 0:
      return static_cast<std::int8_t>(bits);
    case 1:
      return bits & 255;
    case 2:
      return static_cast<int>(bits & 15) - ((bits & 8) != 0 ? 16 : 0);
    case 3:
      return bits & 15;
    case 4:
      return e2m1(bits);
    case 5:
      return e2m3(bits);
    case 6:
      return e3m2(bits);
    case 7:
      return e4m3(bits);
    case 8:
      return e5m2(bits);
    default:
      throw std::out_of_range("no such element code");
  }
}

int element_lsb(std::uint32_t element) {
  constexpr int kLsb[] = {0, 0, 0, 0, -1, -3, -4, -9, -16};
  return kLsb[element];
}

unsigned element_bits(std::uint32_t element) {
  constexpr unsigned kBits[] = {8, 8, 4, 4, 4, 6, 6, 8, 8};
  return kBits[element];
}

double decode_e8m0(std::uint8_t code) { return code == 255 ? kNan : std::pow(2.0, code - 127); }
double decode_ue4m3(std::uint8_t code) { return code == 127 ? kNan : e4m3(code); }

}  // namespace narrowgate::testing
