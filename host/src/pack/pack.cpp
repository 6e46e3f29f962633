// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pack/pack.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/check.hpp"
#include "pack/compress.hpp"
#include "pack/scale_beats.hpp"
#include "pack/transpose.hpp"

namespace narrowgate::internal {
namespace {

// Steps are packed in chunks: a cache line of every source row at a time, so that each line of a
// row-major A is fetched once.
constexpr std::size_t kChunkSteps = 64;
constexpr std::size_t kGroupBytes = 512;  // of a row that are packed side by side; see pack_group()
constexpr unsigned kMaxLanes = kGroupBytes;  // a beat of 4096 bits holds no wider step

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

/// Fills tile[s·lanes + l] for all lanes of the chunk, those outside the matrix with the pad code.
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

using Words8 = std::uint16_t __attribute__((vector_size(kBlock)));

/// Adds the sum of byte ^ flip over the steps to sums[l], for sixteen lanes from `tile` on. Each
/// 16-bit word holds an even lane (low byte) and an odd one. The sum of the words modulo 2^16 is
/// low + 256·high, and the sum of the high bytes alone tells the two apart: both are below 2^16.
void add_block(const std::uint8_t* tile, std::size_t steps, unsigned lanes, std::uint16_t flip,
               std::int32_t* sums) {
  static_assert(kChunkSteps * 255 <= UINT16_MAX);
  Words8 total{};
  Words8 high{};
  for (std::size_t s = 0; s < steps; ++s) {
    Words8 words;
    std::memcpy(&words, tile + s * lanes, kBlock);
    words ^= flip;
    total += words;
    high += words >> 8;
  }
  const Words8 low = total - (high << 8);
  for (std::size_t i = 0; i < kBlock / 2; ++i) {
    sums[2 * i] += low[i];
    sums[2 * i + 1] += high[i];
  }
}

/// Adds code - offset of each lane to sums[l]. A signed byte is summed as byte ^ 0x80, i.e. value
/// + 128.
void add_sums(const FormatInfo& format, const std::uint8_t* tile, std::size_t steps, unsigned lanes,
              std::int32_t* sums) {
  const std::uint8_t flip = format.is_signed ? 0x80 : 0;
  const std::size_t whole = lanes / kBlock * kBlock;
  for (std::size_t l = 0; l < whole; l += kBlock) {
    add_block(tile + l, steps, lanes, static_cast<std::uint16_t>(flip * 0x101), sums + l);
  }
  for (std::size_t l = whole; l < lanes; ++l) {
    for (std::size_t s = 0; s < steps; ++s) sums[l] += tile[s * lanes + l] ^ flip;
  }
  const auto excess = static_cast<std::int32_t>(steps) * (format.offset + flip);
  for (unsigned l = 0; l < lanes; ++l) sums[l] -= excess;
}

[[noreturn]] void throw_first_outside(const Source& source, Side side, const Chunk& chunk) {
  for (std::size_t s = chunk.step; s < chunk.step + chunk.steps; ++s) {
    for (std::size_t l = chunk.lane; l < chunk.lane + chunk.used; ++l) {
      const std::uint8_t byte = source.byte(l, s);
      const int value = source.format.is_signed ? static_cast<std::int8_t>(byte) : byte;
      if (value >= source.format.min && value <= source.format.max) continue;
      const bool is_a = side == Side::kA;
      throw_out_of_range(source.format, side, value, is_a ? l : s, is_a ? s : l);
    }
  }
  throw ValueRangeError("a matrix changed while it was packed");
}

/// The same chunk of several panels of 8-bit elements that are contiguous along the lanes: each row
/// of the source is read once, from end to end, and each panel written so. In between lie the rows
/// of this chunk: panels are often a power of two apart, and written side by side would evict one
/// another from the cache.
void copy_group(const Source& source, const PanelLayout& layout, std::size_t first,
                std::size_t last, std::size_t step, std::size_t steps, std::uint8_t* out) {
  alignas(64) std::array<std::uint8_t, kChunkSteps * kGroupBytes> rows;
  const std::size_t whole = std::min(last, source.lanes / layout.lanes);
  if (whole <= first) return;
  const std::size_t width = (whole - first) * layout.lanes;
  for (std::size_t s = 0; s < steps; ++s) {
    std::memcpy(&rows[s * kGroupBytes],
                source.data + source.element(first * layout.lanes, step + s), width);
  }
  for (std::size_t panel = first; panel < whole; ++panel) {
    const std::uint8_t* in = &rows[(panel - first) * layout.lanes];
    std::uint8_t* target = out + panel * layout.panel_bytes + layout.step_offset(step);
    for (std::size_t s = 0; s < steps; ++s) {
      for (unsigned l = 0; l < layout.lanes; l += kBlock) {
        std::memcpy(target + s * layout.lanes + l, in + s * kGroupBytes + l, kBlock);
      }
    }
  }
}

/// One chunk of a panel, to `target`. Elements of 4 and 6 bits go through a tile of bytes; those of
/// 8 bits are laid down directly, unless copy_group() has `filled` them in.
void pack_chunk(const Source& source, Side side, unsigned lanes, const Chunk& chunk, bool filled,
                std::uint8_t* target, std::int32_t* sums) {
  const bool wants_sums = source.format.is_plain_integer();
  if (source.format.bits == 8) {
    if (!filled) fill_tile(source, chunk, lanes, target);
    if (wants_sums) add_sums(source.format, target, chunk.steps, lanes, sums);
    return;
  }
  alignas(64) std::array<std::uint8_t, kChunkSteps * kMaxLanes> tile;
  fill_tile(source, chunk, lanes, tile.data());
  const std::size_t bytes = chunk.steps * lanes;
  if (!are_elements(source.format, tile.data(), bytes)) throw_first_outside(source, side, chunk);
  if (wants_sums) add_sums(source.format, tile.data(), chunk.steps, lanes, sums);
  (source.format.bits == 4 ? compress_nibbles : compress_sixes)(tile.data(), bytes, target);
}

/// The rest of the last beat of every block that does not fill it.
void fill_gaps(const FormatInfo& format, const PanelLayout& layout, std::size_t steps,
               std::uint8_t* panel) {
  const int pad = format.bits == 4 ? format.pad_code * 0x11 : format.pad_code;
  for (std::size_t b = 0; b < layout.blocks; ++b) {
    const bool is_last = b + 1 == layout.blocks;
    const std::size_t used =
        (is_last ? steps - b * layout.block : layout.block) * layout.step_bytes;
    const std::size_t begin = layout.block_offset(b);
    const std::size_t end = is_last ? layout.panel_bytes : begin + layout.block_bytes;
    if (begin + used < end) std::memset(panel + begin + used, pad, end - begin - used);
  }
}

/// Panels first...last-1, chunk by chunk, none of which crosses a block: where neighbouring panels
/// share cache lines of the source, they are packed side by side.
void pack_group(const Source& source, Side side, const PanelLayout& layout, std::size_t first,
                std::size_t last, std::uint8_t* out, std::int32_t* sums) {
  const bool by_rows =
      source.lane_stride == 1 && source.format.bits == 8 && layout.lanes % kBlock == 0;
  for (std::size_t step = 0, steps = 0; step < source.steps; step += steps) {
    const std::size_t left_in_block = layout.block - step % layout.block;
    steps = std::min({kChunkSteps, source.steps - step, left_in_block});
    if (by_rows) copy_group(source, layout, first, last, step, steps, out);
    for (std::size_t panel = first; panel < last; ++panel) {
      const std::size_t lane = panel * layout.lanes;
      const Chunk chunk{lane, std::min<std::size_t>(layout.lanes, source.lanes - lane), step,
                        steps};
      pack_chunk(source, side, layout.lanes, chunk, by_rows && chunk.used == layout.lanes,
                 out + panel * layout.panel_bytes + layout.step_offset(step), sums + lane);
    }
  }
  for (std::size_t panel = first; panel < last; ++panel) {
    fill_gaps(source.format, layout, source.steps, out + panel * layout.panel_bytes);
  }
}

}  // namespace

std::vector<std::int32_t> pack_panels(const Geometry& geometry, Side side, const MatrixView& matrix,
                                      std::span<std::uint8_t> out, std::size_t block) {
  check_matrix(matrix, side == Side::kA ? "A" : "B");
  const Source source(side, matrix);
  const PanelLayout layout = PanelLayout::of(geometry, side, matrix.format, source.lanes,
                                             source.steps, block == 0 ? matrix.block() : block);
  if (layout.lanes > kMaxLanes || out.size() < layout.bytes()) {
    throw InvalidArgumentError("packing needs " + std::to_string(layout.bytes()) + " bytes of " +
                               std::to_string(layout.lanes) + " lanes: there are " +
                               std::to_string(out.size()) + " bytes and at most " +
                               std::to_string(kMaxLanes) + " lanes");
  }
  std::vector<std::int32_t> sums(layout.panels * layout.lanes, 0);
  const std::size_t group = source.lane_stride == 1 ? kGroupBytes / layout.lanes : 1;
  for (std::size_t first = 0; first < layout.panels; first += group) {
    pack_group(source, side, layout, first, std::min(first + group, layout.panels), out.data(),
               sums.data());
  }
  if (source.format.has_scales()) {
    const ScaleReader scales(side, matrix);
    scales.check();
    for (std::size_t panel = 0; panel < layout.panels; ++panel) {
      pack_scales(scales, layout, panel, out.data() + panel * layout.panel_bytes);
    }
  }
  sums.resize(source.lanes);
  return sums;
}

}  // namespace narrowgate::internal
