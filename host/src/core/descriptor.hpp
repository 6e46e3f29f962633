// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A call as the kernel reads it from its queue (docs/seams.md sections 5, 11 and 12).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace narrowgate::internal {

/// Where a call's data are, or where a kernel's pointer arguments point: bytes of card memory.
struct CardPlaces {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::uint64_t v = 0;  ///< row terms
  std::uint64_t c = 0;
};

struct KernelCall {
  CardPlaces places;
  std::uint64_t records = 0;  ///< where the column records are, in the memory of `v`
  std::uint32_t m_tiles = 0;
  std::uint32_t n_tiles = 0;
  std::uint32_t k = 0;
  std::uint32_t a_format = 0;
  std::uint32_t b_format = 0;
  std::uint32_t block = 0;
  std::uint32_t blocks = 0;
  std::uint32_t sum_exponent = 0;
  std::uint32_t mode = 0;
  std::uint32_t scale = 0;
  std::uint32_t out_zero = 0;
  std::uint32_t clamp_lo = 0;
  std::uint32_t clamp_hi = 0;
  std::uint32_t out_format = 0;
  std::uint32_t activation = 0;
  std::uint32_t n = 0;
  std::uint32_t order = 0;  ///< ng_descriptor::Order
};

/// Bytes of a descriptor.
extern const std::size_t kDescriptorBytes;

/// Writes the call's descriptor to `out` (kDescriptorBytes long). `arguments` are what the kernel's
/// pointer arguments will be; all places are whole beats of `beat_bytes` away from them.
void write_descriptor(const KernelCall& call, const CardPlaces& arguments, std::size_t beat_bytes,
                      std::span<std::uint8_t> out);

}  // namespace narrowgate::internal
