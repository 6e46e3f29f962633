// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "bits.hpp"

#include "random.hpp"

namespace cosim {

std::string Bits::Hex() const {
  static const char kDigits[] = "0123456789abcdef";
  std::string text = "0x";
  for (int nibble = (width_ + 3) / 4 - 1; nibble >= 0; --nibble) {
    text += kDigits[(Word(static_cast<std::size_t>(nibble / 8)) >> (nibble % 8 * 4)) & 15];
  }
  return text;
}

Bits Random::Value(int width) {
  Bits value(width);
  if (!OneIn(8)) {
    for (std::size_t i = 0; i < value.words(); ++i) {
      value.SetWord(i, static_cast<uint32_t>(engine_()));
    }
    return value;
  }
  const int64_t kind = Between(0, 4);
  if (kind == 1) value.SetWord(0, 1);
  if (kind < 2) return value;
  for (std::size_t i = 0; i < value.words(); ++i) value.SetWord(i, 0xFFFFFFFFu);
  if (kind == 2) return value;
  // Only the sign bit differs from all ones (most positive) or from 0 (most negative).
  const std::size_t top = value.words() - 1;
  const uint32_t sign = 1u << ((width - 1) % 32);
  if (kind == 3) {
    value.SetWord(top, value.Word(top) & ~sign);
    return value;
  }
  Bits negative(width);
  negative.SetWord(top, sign);
  return negative;
}

}  // namespace cosim
