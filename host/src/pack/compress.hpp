// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// From a tile of bytes, one an element, to packed codes of 4 or 6 bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "narrowgate/format.hpp"

namespace narrowgate::internal {

/// Whether all bytes are elements of a 4-bit or 6-bit format: adding half the range to a signed one
/// leaves a number of as many bits.
inline bool are_elements(const FormatInfo& format, const std::uint8_t* tile, std::size_t bytes) {
  const auto shift = static_cast<std::uint8_t>(-format.min);
  const auto outside = static_cast<std::uint8_t>(0xFF << format.bits);
  std::uint8_t seen = 0;
  for (std::size_t i = 0; i < bytes; ++i) seen |= static_cast<std::uint8_t>(tile[i] + shift);
  return (seen & outside) == 0;
}

/// Two bytes become one, the lower lane in the low nibble. `bytes` is even.
inline void compress_nibbles(const std::uint8_t* tile, std::size_t bytes, std::uint8_t* out) {
  for (std::size_t i = 0; i < bytes / 2; ++i) {
    out[i] = static_cast<std::uint8_t>((tile[2 * i] & 15) | (tile[2 * i + 1] << 4));
  }
}

/// Eight bytes, each below 64, become 48 bits, the lowest lane lowest.
inline std::uint64_t compress_eight(std::uint64_t x) {
  x = (x & 0x003F003F003F003F) | (x >> 2 & 0x0FC00FC00FC00FC0);
  x = (x & 0x00000FFF00000FFF) | (x >> 4 & 0x00FFF00000FFF000);
  return (x & 0xFFFFFF) | (x >> 8 & 0xFFFFFF000000);
}

/// Four bytes become three. `bytes` is a multiple of 4.
inline void compress_sixes(const std::uint8_t* tile, std::size_t bytes, std::uint8_t* out) {
  constexpr std::size_t kIn = 8;
  constexpr std::size_t kOut = 6;
  std::size_t i = 0;
  // A store of eight bytes, whose last two the next one overwrites, while there is room for them.
  for (; i + 2 * kIn <= bytes; i += kIn, out += kOut) {
    std::uint64_t x;
    std::memcpy(&x, tile + i, sizeof(x));
    x = compress_eight(x);
    std::memcpy(out, &x, sizeof(x));
  }
  for (; i < bytes; i += kIn, out += kOut) {
    const std::size_t left = bytes - i < kIn ? bytes - i : kIn;
    std::uint64_t x = 0;
    std::memcpy(&x, tile + i, left);
    x = compress_eight(x);
    std::memcpy(out, &x, left * kOut / kIn);
  }
}

}  // namespace narrowgate::internal
