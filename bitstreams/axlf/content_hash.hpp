// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <narrowgate_xclbin/xclbin.hpp>
#include <span>

namespace narrowgate::xclbin {

// FNV-1a with 128 bits: stable across builds, and no one forges images to collide.
class ContentHash {
 public:
  void Add(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) state_ = (state_ ^ byte) * kPrime;
  }

  Uuid MakeUuid() const {
    Uuid uuid;
    for (std::size_t i = 0; i < uuid.size(); ++i)
      uuid[i] = static_cast<std::uint8_t>(state_ >> (8 * i));
    uuid[6] =
        static_cast<std::uint8_t>((uuid[6] & 0x0F) | 0x80);  // RFC 9562 version 8: vendor's own
    uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3F) | 0x80);
    return uuid;
  }

 private:
  __extension__ using Word = unsigned __int128;
  static constexpr Word kPrime = (Word{1} << 88) + 0x13B;
  Word state_ = (Word{0x6C62272E07BB0142} << 64) + 0x62B821756295C58D;
};

}  // namespace narrowgate::xclbin
