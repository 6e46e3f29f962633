// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Transposition of 16 × 16 bytes in registers: four rounds of interleaving, which the compiler
// turns into the machine's own byte interleaves (punpck on x86, zip on Arm).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "formats/inline.hpp"

namespace narrowgate::internal {

inline constexpr std::size_t kBlock = 16;

using Bytes16 = std::uint8_t __attribute__((vector_size(16)));

inline Bytes16 interleave_low(Bytes16 a, Bytes16 b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
inline Bytes16 interleave_high(Bytes16 a, Bytes16 b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                 31);
}

/// out[c·out_stride + r] = in[r·in_stride + c] for r, c in 0…15. Each round is a perfect shuffle of
/// the 256 bytes; four of the eight that would restore their order exchange rows and columns.
NG_INLINE void transpose_16x16(const std::uint8_t* in, std::ptrdiff_t in_stride, std::uint8_t* out,
                               std::size_t out_stride) {
  Bytes16 rows[kBlock];
  for (std::size_t r = 0; r < kBlock; ++r) {
    std::memcpy(&rows[r], in + static_cast<std::ptrdiff_t>(r) * in_stride, kBlock);
  }
  for (int round = 0; round < 4; ++round) {
    Bytes16 shuffled[kBlock];
    for (std::size_t r = 0; r < kBlock / 2; ++r) {
      shuffled[2 * r] = interleave_low(rows[r], rows[r + kBlock / 2]);
      shuffled[2 * r + 1] = interleave_high(rows[r], rows[r + kBlock / 2]);
    }
    std::memcpy(rows, shuffled, sizeof(rows));
  }
  for (std::size_t c = 0; c < kBlock; ++c) std::memcpy(out + c * out_stride, &rows[c], kBlock);
}

}  // namespace narrowgate::internal
