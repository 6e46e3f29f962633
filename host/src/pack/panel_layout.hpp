// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Where steps and scales of a packed operand lie (docs/seams.md sections 1 and 11).
#pragma once

#include <algorithm>
#include <cstddef>

#include "pack/layout.hpp"

namespace narrowgate::internal {

/// A packed operand: panels of `lanes` rows of A or columns of B. A panel is its blocks one after
/// the other, each with its scales before it (E8M0 and UE4M3: those of `blocks_per_scales` blocks
/// before the first of them) and beginning a new beat.
struct PanelLayout {
  Side side = Side::kA;
  unsigned lanes = 0;
  unsigned slots = 0;           ///< of which the lanes are the first
  std::size_t step_bytes = 0;   ///< one step: an element for each slot
  std::size_t panel_bytes = 0;  ///< whole beats
  std::size_t panels = 0;
  std::size_t block = 0;         ///< steps; at most k
  std::size_t blocks = 0;        ///< in a panel
  std::size_t block_bytes = 0;   ///< of a whole block's steps, in whole beats
  std::size_t scale_bytes = 0;   ///< scales and zero-points that stand together, in whole beats
  std::size_t zeros_offset = 0;  ///< of the zero-points within them
  std::size_t blocks_per_scales = 1;  ///< how many blocks' scales stand together

  /// `block` 0 stands for one block of all k.
  static PanelLayout of(const Geometry& geometry, Side side, Format format, std::size_t lanes_used,
                        std::size_t k, std::size_t block = 0);

  std::size_t bytes() const { return panels * panel_bytes; }
  /// Of a panel, scales and zero-points.
  std::size_t panel_scale_bytes() const {
    return ceil_div(blocks, blocks_per_scales) * scale_bytes;
  }

  /// Within a panel, of the scales of block `b`, or of the group that it belongs to.
  std::size_t scales_offset(std::size_t b) const {
    return b / blocks_per_scales * (blocks_per_scales * block_bytes + scale_bytes);
  }
  std::size_t block_offset(std::size_t b) const {
    return b * block_bytes + (b / blocks_per_scales + 1) * scale_bytes;
  }
  std::size_t step_offset(std::size_t step) const {
    return block_offset(step / block) + step % block * step_bytes;
  }
};

/// Whether an operand that was packed in blocks of `packed` steps (0: all k) lies as one packed in
/// blocks of `wanted`.
bool same_panels(const Geometry& geometry, Side side, Format format, std::size_t k,
                 std::size_t packed, std::size_t wanted);

}  // namespace narrowgate::internal
