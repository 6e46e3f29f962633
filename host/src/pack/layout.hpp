// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The layout of what host and kernel exchange (docs/seams.md sections 2 and 3; panels are
// in panel_layout.hpp), computed from the geometry that the image declares.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "narrowgate/format.hpp"
#include "narrowgate/gemm.hpp"

namespace narrowgate::internal {

/// The array, its memory ports and its buffers.
struct Geometry {
  unsigned tile_rows = 32;
  unsigned tile_cols = 32;
  unsigned port_bits = 512;
  std::size_t a_buffer_beats = 1024;  ///< beats of a panel that half of A's buffer holds
  std::size_t b_buffer_beats = 1024;  ///< the same of B
  std::size_t scale_share = 4;        ///< a buffer of scales has so many times fewer
  unsigned lut_rows = 0;              ///< rows more of a tile where A and B have 4-bit codes
  bool results_beside_a = false;      ///< C has A's memory bank, and B another one

  /// The array as a product with an A of this format finds it: an image with LUT rows multiplies
  /// 4-bit formats by one another, and others by others.
  Geometry for_a(Format a) const {
    Geometry g = *this;
    g.lut_rows = 0;
    if (info(a).bits == 4) g.tile_rows += lut_rows;
    return g;
  }

  unsigned lanes(Side side) const { return side == Side::kA ? tile_rows : tile_cols; }
  /// Lanes that a panel keeps for each step: a power of two.
  unsigned slots(Side side) const { return std::bit_ceil(lanes(side)); }
  std::size_t beat_bytes() const { return port_bits / 8; }
  /// Of a panel with so many slots: a step of bytes fits.
  std::size_t panel_beat_bytes(unsigned slots) const {
    return std::max<std::size_t>(beat_bytes(), slots);
  }
  std::size_t buffer_beats(Side side) const {
    return side == Side::kA ? a_buffer_beats : b_buffer_beats;
  }
  /// Half of a factor's buffer, and of the one of its scales.
  std::size_t buffer_bytes(Side side) const {
    return buffer_beats(side) * panel_beat_bytes(slots(side));
  }
  std::size_t scale_buffer_bytes(Side side) const {
    return buffer_beats(side) / scale_share * panel_beat_bytes(slots(side));
  }
  /// MX results are panels of A, which a result's words make up only if they have no gaps.
  bool makes_mx() const {
    return std::has_single_bit(tile_rows) && panel_beat_bytes(tile_rows) == beat_bytes();
  }
};

constexpr std::size_t ceil_div(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

/// Size of a column record's entry: col_term, multiplier, shift or channel scale, float bias.
inline constexpr std::size_t kColumnEntryBytes = 16;

/// The vector buffer: one int32 for each row, then one column entry for each column, by tiles.
struct VectorLayout {
  std::size_t row_record_bytes = 0;
  std::size_t column_record_bytes = 0;
  std::size_t m_tiles = 0;
  std::size_t n_tiles = 0;

  static VectorLayout of(const Geometry& geometry, std::size_t m, std::size_t n) {
    return {geometry.tile_rows * sizeof(std::int32_t), geometry.tile_cols * kColumnEntryBytes,
            ceil_div(m, geometry.tile_rows), ceil_div(n, geometry.tile_cols)};
  }
  std::size_t columns_offset() const { return m_tiles * row_record_bytes; }
  std::size_t bytes() const { return columns_offset() + n_tiles * column_record_bytes; }
};

/// The result: whole tiles, column by column within a tile; MX results are an operand A
/// (PanelLayout).
struct ResultLayout {
  std::size_t tile_elements = 0;
  std::size_t m_tiles = 0;
  std::size_t n_tiles = 0;
  std::size_t element_bytes = 0;
  std::size_t mx_bytes = 0;

  static ResultLayout of(const Geometry& geometry, std::size_t m, std::size_t n,
                         OutputFormat format);
  std::size_t bytes() const {
    return mx_bytes != 0 ? mx_bytes : m_tiles * n_tiles * tile_elements * element_bytes;
  }
};

}  // namespace narrowgate::internal
