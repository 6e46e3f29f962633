// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Which tiles of a product the kernel makes in one call, and in which order, so that what the
// buffers hold is read from memory once (docs/seams.md section 5, docs/adr/0014).
#pragma once

#include <cstddef>
#include <vector>

#include "gemm/descriptor.hpp"
#include "pack/panel_layout.hpp"

namespace narrowgate::internal {

/// What one call makes: tiles (first_row + i, first_col + j), each row or each column of them after
/// the other. Their results lie one after the other in that order.
struct TileRange {
  std::size_t first_row = 0;
  std::size_t rows = 0;
  std::size_t first_col = 0;
  std::size_t cols = 0;
  ng_descriptor::Order order = ng_descriptor::kByRows;

  std::size_t tiles() const { return rows * cols; }
  /// Where tile (first_row + i, first_col + j) comes in that order.
  std::size_t index(std::size_t i, std::size_t j) const {
    return order == ng_descriptor::kByRows ? i * cols + j : j * rows + i;
  }
};

using TilePlan = std::vector<TileRange>;

/// How a call walks the panels of a factor: groups of panels, each wanted `replays` times in a row.
struct PanelWalk {
  std::size_t groups;
  std::size_t panels;
  std::size_t replays;

  static PanelWalk of(Side side, const TileRange& range);
  /// Whether the kernel's buffers keep the groups, so that memory is read once.
  bool is_kept(const Geometry& geometry, const PanelLayout& layout) const;
  /// Panels that are read from memory.
  std::size_t panels_read(const Geometry& geometry, const PanelLayout& layout) const {
    return groups * panels * (is_kept(geometry, layout) ? 1 : replays);
  }
};

/// Bytes of A and B that a call, or a plan's calls, read.
std::size_t bytes_read(const Geometry& geometry, const PanelLayout& a, const PanelLayout& b,
                       const TileRange& range);
std::size_t bytes_read(const Geometry& geometry, const PanelLayout& a, const PanelLayout& b,
                       const TilePlan& plan);

/// … and of the vector buffer: by rows of tiles column records come with every tile, and row terms
/// once for each row of them; by columns it is the other way round.
std::size_t vector_bytes_read(const Geometry& geometry, const TilePlan& plan);

/// All tiles in one call, by rows.
TilePlan one_range(std::size_t m_tiles, std::size_t n_tiles);

/// The plan of fewest bytes, of vectors and results too: in one call, or one factor in slabs that
/// stay in its buffer while the other one passes by panels; of equal plans the one of fewest calls,
/// by rows. By columns has to move a sixteenth less where A shares its bank with the results, which
/// leave while all of A comes. `a` and `b` are all panels of the product. MX results take one call
/// by rows (`rows_together`).
TilePlan plan_tiles(const Geometry& geometry, const PanelLayout& a, const PanelLayout& b,
                    bool rows_together);

}  // namespace narrowgate::internal
