// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pack/pack.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/check.hpp"
#include "pack/transpose.hpp"

namespace narrowgate::internal {
namespace {

// Steps are packed in chunks: a cache line of every source row at a time, so that each line of a
// row-major A is fetched once.
constexpr std::size_t kChunkSteps = 64;
constexpr unsigned kMaxLanes = 512;  // a beat of 4096 bits holds no wider step of 8-bit elements

/// An operand seen from the array: lanes (rows of A, columns of B) by steps (k).
struct Source {
  const std::uint8_t* data;
  std::ptrdiff_t lane_stride;
  std::ptrdiff_t step_stride;
  std::size_t lanes;
  std::size_t steps;
  bool nibbles;
  const FormatInfo& format;

  Source(Side side, const MatrixView& m)
      : data(static_cast<const std::uint8_t*>(m.data)),
        lane_stride(side == Side::kA ? m.row_stride : m.col_stride),
        step_stride(side == Side::kA ? m.col_stride : m.row_stride),
        lanes(side == Side::kA ? m.rows : m.cols),
        steps(side == Side::kA ? m.cols : m.rows),
        nibbles(m.storage == Storage::kNibbles),
        format(info(m.format)) {}

  std::ptrdiff_t element(std::size_t lane, std::size_t step) const {
    return static_cast<std::ptrdiff_t>(lane) * lane_stride +
           static_cast<std::ptrdiff_t>(step) * step_stride;
  }

  /// The byte that holds the value: as stored, or a nibble extended.
  std::uint8_t byte(std::size_t lane, std::size_t step) const {
    const std::ptrdiff_t e = element(lane, step);
    if (!nibbles) return data[e];
    const int nibble = (e & 1) != 0 ? data[e >> 1] >> 4 : data[e >> 1] & 15;
    return static_cast<std::uint8_t>(format.is_signed && nibble >= 8 ? nibble - 16 : nibble);
  }
};

/// Part of a panel: `used` of its lanes lie in the matrix, from `lane` on; steps from `step` on.
struct Chunk {
  std::size_t lane;
  std::size_t used;
  std::size_t step;
  std::size_t steps;
};

/// tile[s·lanes + l] = element, for lanes [l0, l1) and steps [s0, s1) of the chunk.
void gather(const Source& source, const Chunk& chunk, unsigned lanes, std::size_t l0,
            std::size_t l1, std::size_t s0, std::size_t s1, std::uint8_t* tile) {
  for (std::size_t s = s0; s < s1; ++s) {
    for (std::size_t l = l0; l < l1; ++l) {
      tile[s * lanes + l] = source.byte(chunk.lane + l, chunk.step + s);
    }
  }
}

/// The lanes are contiguous in k: A row-major or B column-major.
void transpose(const Source& source, const Chunk& chunk, unsigned lanes, std::uint8_t* tile) {
  const std::size_t whole_lanes = chunk.used / kBlock * kBlock;
  const std::size_t whole_steps = chunk.steps / kBlock * kBlock;
  for (std::size_t l = 0; l < whole_lanes; l += kBlock) {
    for (std::size_t s = 0; s < whole_steps; s += kBlock) {
      transpose_16x16(source.data + source.element(chunk.lane + l, chunk.step + s),
                      source.lane_stride, tile + s * lanes + l, lanes);
    }
  }
  gather(source, chunk, lanes, whole_lanes, chunk.used, 0, whole_steps, tile);
  gather(source, chunk, lanes, 0, chunk.used, whole_steps, chunk.steps, tile);
}

/// The steps are contiguous in their lanes: B row-major or A column-major.
void copy_steps(const Source& source, const Chunk& chunk, unsigned lanes, std::uint8_t* tile) {
  for (std::size_t s = 0; s < chunk.steps; ++s) {
    std::memcpy(tile + s * lanes, source.data + source.element(chunk.lane, chunk.step + s),
                chunk.used);
  }
}

/// Fills tile[s·lanes + l] for all lanes of the chunk, those outside the matrix with the pad code.
void fill_tile(const Source& source, const Chunk& chunk, unsigned lanes, std::uint8_t* tile) {
  if (chunk.used < lanes) {
    for (std::size_t s = 0; s < chunk.steps; ++s) {
      std::memset(tile + s * lanes + chunk.used, source.format.pad_code, lanes - chunk.used);
    }
  }
  if (!source.nibbles && source.step_stride == 1) {
    transpose(source, chunk, lanes, tile);
  } else if (!source.nibbles && source.lane_stride == 1) {
    copy_steps(source, chunk, lanes, tile);
  } else {
    gather(source, chunk, lanes, 0, chunk.used, 0, chunk.steps, tile);
  }
}

using Int8x16 = std::int8_t __attribute__((vector_size(kBlock)));
using Partial = std::int16_t __attribute__((vector_size(2 * kBlock)));

/// Adds the values of each lane to sums[l]. Element is int8 or uint8, as the format is signed or
/// not, and Elements sixteen of it; 64 steps of either fit int16.
template <typename Element, typename Elements>
void add_values(const std::uint8_t* tile, std::size_t steps, unsigned lanes, std::int32_t* sums) {
  static_assert(kChunkSteps * 255 <= INT16_MAX);
  const std::size_t whole = lanes / kBlock * kBlock;
  for (std::size_t l = 0; l < whole; l += kBlock) {
    Partial partial{};
    for (std::size_t s = 0; s < steps; ++s) {
      Elements elements;
      std::memcpy(&elements, tile + s * lanes + l, kBlock);
      partial += __builtin_convertvector(elements, Partial);
    }
    for (std::size_t i = 0; i < kBlock; ++i) sums[l + i] += partial[i];
  }
  for (std::size_t l = whole; l < lanes; ++l) {
    for (std::size_t s = 0; s < steps; ++s) sums[l] += static_cast<Element>(tile[s * lanes + l]);
  }
}

void add_sums(const FormatInfo& format, const std::uint8_t* tile, std::size_t steps, unsigned lanes,
              std::int32_t* sums) {
  if (format.is_signed) {
    add_values<std::int8_t, Int8x16>(tile, steps, lanes, sums);
  } else {
    add_values<std::uint8_t, Bytes16>(tile, steps, lanes, sums);
  }
  const auto offset = static_cast<std::int32_t>(steps) * format.offset;
  for (unsigned l = 0; l < lanes; ++l) sums[l] -= offset;
}

[[noreturn]] void throw_out_of_range(const Source& source, Side side, const Chunk& chunk) {
  for (std::size_t s = chunk.step; s < chunk.step + chunk.steps; ++s) {
    for (std::size_t l = chunk.lane; l < chunk.lane + chunk.used; ++l) {
      const std::uint8_t byte = source.byte(l, s);
      const int value = source.format.is_signed ? static_cast<std::int8_t>(byte) : byte;
      if (value >= source.format.min && value <= source.format.max) continue;
      const bool is_a = side == Side::kA;
      throw ValueRangeError(
          "matrix " + std::string(is_a ? "A" : "B") + " has " + std::to_string(value) + " at (" +
          std::to_string(is_a ? l : s) + ", " + std::to_string(is_a ? s : l) + "): the range of " +
          std::string(source.format.name) + " is " + std::to_string(source.format.min) + " to " +
          std::to_string(source.format.max));
    }
  }
  throw ValueRangeError("a matrix changed while it was packed");
}

/// Whether all bytes are 4-bit values: adding 8 to a signed one leaves 0…15.
bool are_nibbles(const FormatInfo& format, const std::uint8_t* tile, std::size_t bytes) {
  const auto shift = static_cast<std::uint8_t>(format.is_signed ? 8 : 0);
  std::uint8_t high = 0;
  for (std::size_t i = 0; i < bytes; ++i) high |= static_cast<std::uint8_t>(tile[i] + shift);
  return (high & 0xF0) == 0;
}

/// Two bytes become one, the lower lane in the low nibble.
void compress_nibbles(const std::uint8_t* tile, std::size_t bytes, std::uint8_t* out) {
  for (std::size_t i = 0; i < bytes / 2; ++i) {
    out[i] = static_cast<std::uint8_t>((tile[2 * i] & 15) | (tile[2 * i + 1] << 4));
  }
}

/// One panel of 4-bit elements goes through a tile of bytes; 8-bit ones are laid down directly.
void pack_panel(const Source& source, Side side, const PanelLayout& layout, std::size_t panel,
                std::uint8_t* out, std::int32_t* sums) {
  alignas(64) std::array<std::uint8_t, kChunkSteps * kMaxLanes> scratch;
  const bool narrow = source.format.bits == 4;
  Chunk chunk{panel * layout.lanes, 0, 0, 0};
  chunk.used = std::min<std::size_t>(layout.lanes, source.lanes - chunk.lane);
  for (; chunk.step < source.steps; chunk.step += kChunkSteps) {
    chunk.steps = std::min(kChunkSteps, source.steps - chunk.step);
    std::uint8_t* target = out + chunk.step * layout.step_bytes;
    std::uint8_t* tile = narrow ? scratch.data() : target;
    fill_tile(source, chunk, layout.lanes, tile);
    add_sums(source.format, tile, chunk.steps, layout.lanes, sums);
    if (!narrow) continue;
    const std::size_t bytes = chunk.steps * layout.lanes;
    if (!are_nibbles(source.format, tile, bytes)) throw_out_of_range(source, side, chunk);
    compress_nibbles(tile, bytes, target);
  }
  const int pad = narrow ? source.format.pad_code * 0x11 : source.format.pad_code;
  const std::size_t written = source.steps * layout.step_bytes;
  std::memset(out + written, pad, layout.panel_bytes - written);
}

}  // namespace

std::vector<std::int32_t> pack_panels(const Geometry& geometry, Side side, const MatrixView& matrix,
                                      std::span<std::uint8_t> out) {
  check_matrix(matrix, side == Side::kA ? "A" : "B");
  const Source source(side, matrix);
  const PanelLayout layout =
      PanelLayout::of(geometry, side, matrix.format, source.lanes, source.steps);
  if (layout.lanes > kMaxLanes || out.size() < layout.bytes()) {
    throw InvalidArgumentError("packing needs " + std::to_string(layout.bytes()) + " bytes of " +
                               std::to_string(layout.lanes) + " lanes: there are " +
                               std::to_string(out.size()) + " bytes and at most " +
                               std::to_string(kMaxLanes) + " lanes");
  }
  std::vector<std::int32_t> sums(layout.panels * layout.lanes, 0);
  for (std::size_t panel = 0; panel < layout.panels; ++panel) {
    pack_panel(source, side, layout, panel, out.data() + panel * layout.panel_bytes,
               &sums[panel * layout.lanes]);
  }
  sums.resize(source.lanes);
  return sums;
}

}  // namespace narrowgate::internal
