// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pack/panel_layout.hpp"

namespace narrowgate::internal {

PanelLayout PanelLayout::of(const Geometry& geometry, Side side, Format format,
                            std::size_t lanes_used, std::size_t k, std::size_t block) {
  const FormatInfo& f = info(format);
  const std::size_t beat = geometry.panel_beat_bytes(geometry.slots(side));
  const auto beats = [&](std::size_t bytes) { return ceil_div(bytes, beat) * beat; };
  PanelLayout layout;
  layout.side = side;
  layout.lanes = geometry.lanes(side);
  layout.slots = geometry.slots(side);
  layout.panels = ceil_div(lanes_used, layout.lanes);
  layout.step_bytes = layout.slots * static_cast<std::size_t>(f.bits) / 8;
  layout.block = block == 0 ? k : std::min(block, k);
  layout.blocks = ceil_div(k, layout.block);
  layout.block_bytes = beats(layout.block * layout.step_bytes);
  switch (f.scale) {
    case ScaleKind::kNone:
      break;
    case ScaleKind::kE8m0:
    case ScaleKind::kUe4m3:
      layout.scale_bytes = beat;
      layout.blocks_per_scales = beat / layout.slots;
      break;
    case ScaleKind::kFp32:
    case ScaleKind::kFp32AndZero:
      layout.zeros_offset = beats(layout.slots * sizeof(float));
      layout.scale_bytes =
          layout.zeros_offset + (f.scale == ScaleKind::kFp32AndZero ? beats(layout.slots) : 0);
      break;
  }
  const std::size_t last_steps = k - (layout.blocks - 1) * layout.block;
  layout.panel_bytes =
      layout.block_offset(layout.blocks - 1) + beats(last_steps * layout.step_bytes);
  return layout;
}

ResultLayout ResultLayout::of(const Geometry& geometry, std::size_t m, std::size_t n,
                              OutputFormat format) {
  const OutputFormatInfo& f = info(format);
  ResultLayout layout{std::size_t{geometry.tile_rows} * geometry.tile_cols,
                      ceil_div(m, geometry.tile_rows), ceil_div(n, geometry.tile_cols), f.bytes, 0};
  if (f.is_mx) {
    layout.mx_bytes =
        PanelLayout::of(geometry, Side::kA, f.operand, m, n, info(f.operand).block).bytes();
  }
  return layout;
}

bool same_panels(const Geometry& geometry, Side side, Format format, std::size_t k,
                 std::size_t packed, std::size_t wanted) {
  const PanelLayout is = PanelLayout::of(geometry, side, format, 1, k, packed);
  const PanelLayout should = PanelLayout::of(geometry, side, format, 1, k, wanted);
  if (is.block == should.block) return true;
  if (info(format).has_scales()) return false;
  // Without scales and without gaps, blocks leave no trace.
  const auto has_no_gaps = [](const PanelLayout& layout) {
    return layout.blocks == 1 || layout.block_bytes == layout.block * layout.step_bytes;
  };
  return has_no_gaps(is) && has_no_gaps(should);
}

}  // namespace narrowgate::internal
