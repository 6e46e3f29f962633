// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstring>

#include "pack/source.hpp"
#include "pack/transpose.hpp"

namespace narrowgate::internal {
namespace {

/// tile[s·lanes + l] = element, for lanes [l0, l1) and steps [s0, s1) of the chunk.
void gather(const Source& source, const Chunk& chunk, unsigned lanes, std::size_t l0,
            std::size_t l1, std::size_t s0, std::size_t s1, std::uint8_t* tile) {
  for (std::size_t s = s0; s < s1; ++s) {
    for (std::size_t l = l0; l < l1; ++l) {
      tile[s * lanes + l] = source.byte(chunk.lane + l, chunk.step + s);
    }
  }
}

/// The block's 16 × 16 parts. kLanes 0: as `lanes` says; else a constant for the compiler.
template <unsigned kLanes>
void transpose_parts(const std::uint8_t* in, std::ptrdiff_t in_stride, std::size_t rows,
                     std::size_t cols, unsigned lanes, std::uint8_t* tile) {
  const std::size_t out_stride = kLanes != 0 ? kLanes : lanes;
  for (std::size_t l = 0; l < rows; l += kBlock) {
    for (std::size_t s = 0; s < cols; s += kBlock) {
      transpose_16x16(in + static_cast<std::ptrdiff_t>(l) * in_stride + s, in_stride,
                      tile + s * out_stride + l, out_stride);
    }
  }
}

/// The lanes are contiguous in k: A row-major or B column-major.
void transpose(const Source& source, const Chunk& chunk, unsigned lanes, std::uint8_t* tile) {
  const std::size_t whole_lanes = chunk.used / kBlock * kBlock;
  const std::size_t whole_steps = chunk.steps / kBlock * kBlock;
  const auto parts = lanes == 16   ? transpose_parts<16>
                     : lanes == 32 ? transpose_parts<32>
                     : lanes == 64 ? transpose_parts<64>
                                   : transpose_parts<0>;
  parts(source.data + source.element(chunk.lane, chunk.step), source.lane_stride, whole_lanes,
        whole_steps, lanes, tile);
  gather(source, chunk, lanes, whole_lanes, chunk.used, 0, whole_steps, tile);
  gather(source, chunk, lanes, 0, chunk.used, whole_steps, chunk.steps, tile);
}

/// The steps are contiguous in their lanes: B row-major or A column-major.
void copy_steps(const Source& source, const Chunk& chunk, unsigned lanes, std::uint8_t* tile) {
  const std::size_t whole = chunk.used / kBlock * kBlock;
  for (std::size_t s = 0; s < chunk.steps; ++s) {
    const std::uint8_t* in = source.data + source.element(chunk.lane, chunk.step + s);
    std::uint8_t* out = tile + s * lanes;
    for (std::size_t l = 0; l < whole; l += kBlock) std::memcpy(out + l, in + l, kBlock);
    for (std::size_t l = whole; l < chunk.used; ++l) out[l] = in[l];
  }
}

/// out[i] = nibble first + i of `data`, extended to a byte, for i in 0...count-1.
void expand_nibbles(const std::uint8_t* data, std::ptrdiff_t first, std::size_t count,
                    bool is_signed, std::uint8_t* out) {
  const std::uint8_t* in = data + (first >> 1);
  std::size_t i = 0;
  if ((first & 1) != 0) out[i++] = *in++ >> 4;
  for (; i + 1 < count; i += 2, ++in) {
    out[i] = *in & 15;
    out[i + 1] = *in >> 4;
  }
  if (i < count) out[i] = *in & 15;
  if (!is_signed) return;
  for (i = 0; i < count; ++i) out[i] = static_cast<std::uint8_t>((out[i] ^ 8) - 8);
}

/// Nibbles that are contiguous along the steps (or along the lanes) become bytes first.
void fill_from_nibbles(const Source& source, const Chunk& chunk, unsigned lanes,
                       std::uint8_t* tile) {
  const bool signed_values = source.format.is_signed;
  if (source.lane_stride == 1) {
    for (std::size_t s = 0; s < chunk.steps; ++s) {
      expand_nibbles(source.data, source.element(chunk.lane, chunk.step + s), chunk.used,
                     signed_values, tile + s * lanes);
    }
    return;
  }
  alignas(64) std::array<std::uint8_t, kMaxLanes * kChunkSteps> bytes;
  for (std::size_t l = 0; l < chunk.used; ++l) {
    expand_nibbles(source.data, source.element(chunk.lane + l, chunk.step), chunk.steps,
                   signed_values, bytes.data() + l * kChunkSteps);
  }
  Source expanded = source;
  expanded.data = bytes.data();
  expanded.lane_stride = kChunkSteps;
  expanded.nibbles = false;
  transpose(expanded, {0, chunk.used, 0, chunk.steps}, lanes, tile);
}

}  // namespace

void fill_tile(const Source& source, const Chunk& chunk, unsigned lanes, std::uint8_t* tile) {
  if (chunk.used < lanes) {
    for (std::size_t s = 0; s < chunk.steps; ++s) {
      std::memset(tile + s * lanes + chunk.used, source.format.pad_code, lanes - chunk.used);
    }
  }
  const bool contiguous = source.step_stride == 1 || source.lane_stride == 1;
  if (source.nibbles && contiguous) {
    fill_from_nibbles(source, chunk, lanes, tile);
  } else if (source.step_stride == 1) {
    transpose(source, chunk, lanes, tile);
  } else if (source.lane_stride == 1) {
    copy_steps(source, chunk, lanes, tile);
  } else {
    gather(source, chunk, lanes, 0, chunk.used, 0, chunk.steps, tile);
  }
}

}  // namespace narrowgate::internal
