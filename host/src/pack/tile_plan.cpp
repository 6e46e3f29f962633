// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pack/tile_plan.hpp"

#include <algorithm>
#include <utility>

#include "pack/layout.hpp"

namespace narrowgate::internal {
namespace {

/// The kernel's rule (hls/gemm/panels.hpp, Fits): a single group has both halves of the buffer.
bool fits(std::size_t groups, std::size_t bytes, std::size_t half) {
  return bytes <= (groups == 1 ? 2 * half : half);
}

/// A sixteenth of the bytes is worth that A's first pass and results share a bank.
constexpr std::size_t kWorthWaiting = 16;

/// The most panels that stay in a buffer as one group.
std::size_t most_panels(const Geometry& g, const PanelLayout& layout) {
  const auto scales = layout.panel_scale_bytes();
  const std::size_t elements = layout.panel_bytes - scales;
  const std::size_t by_elements = 2 * g.buffer_bytes(layout.side) / elements;
  if (scales == 0) return by_elements;
  return std::min(by_elements, 2 * g.scale_buffer_bytes(layout.side) / scales);
}

/// `count` panels in as few slabs of at most `most` as it takes, of nearly equal size.
std::vector<std::pair<std::size_t, std::size_t>> slabs(std::size_t count, std::size_t most) {
  const std::size_t parts = ceil_div(count, most);
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t p = 0; p < parts; ++p) {
    const std::size_t first = p * count / parts;
    out.emplace_back(first, (p + 1) * count / parts - first);
  }
  return out;
}

}  // namespace

PanelWalk PanelWalk::of(Side side, const TileRange& range) {
  const bool is_a = side == Side::kA;
  const std::size_t own = is_a ? range.rows : range.cols;
  const std::size_t other = is_a ? range.cols : range.rows;
  const bool is_outer = (range.order == ng_descriptor::kByRows) == is_a;
  return is_outer ? PanelWalk{own, 1, other} : PanelWalk{1, own, other};
}

bool PanelWalk::is_kept(const Geometry& g, const PanelLayout& layout) const {
  const std::size_t scales = layout.panel_scale_bytes();
  return replays >= 2 &&
         fits(groups, panels * (layout.panel_bytes - scales), g.buffer_bytes(layout.side)) &&
         fits(groups, panels * scales, g.scale_buffer_bytes(layout.side));
}

std::size_t bytes_read(const Geometry& geometry, const PanelLayout& a, const PanelLayout& b,
                       const TileRange& range) {
  return PanelWalk::of(Side::kA, range).panels_read(geometry, a) * a.panel_bytes +
         PanelWalk::of(Side::kB, range).panels_read(geometry, b) * b.panel_bytes;
}

std::size_t bytes_read(const Geometry& geometry, const PanelLayout& a, const PanelLayout& b,
                       const TilePlan& plan) {
  std::size_t bytes = 0;
  for (const TileRange& range : plan) bytes += bytes_read(geometry, a, b, range);
  return bytes;
}

std::size_t vector_bytes_read(const Geometry& geometry, const TilePlan& plan) {
  const VectorLayout v = VectorLayout::of(geometry, geometry.tile_rows, geometry.tile_cols);
  std::size_t bytes = 0;
  for (const TileRange& range : plan) {
    bytes += range.order == ng_descriptor::kByRows
                 ? range.rows * v.row_record_bytes + range.tiles() * v.column_record_bytes
                 : range.tiles() * v.row_record_bytes + range.cols * v.column_record_bytes;
  }
  return bytes;
}

TilePlan one_range(std::size_t m_tiles, std::size_t n_tiles) {
  return {{0, m_tiles, 0, n_tiles, ng_descriptor::kByRows}};
}

TilePlan plan_tiles(const Geometry& geometry, const PanelLayout& a, const PanelLayout& b,
                    bool rows_together) {
  TilePlan best = one_range(a.panels, b.panels);
  if (rows_together) return best;
  const std::size_t results =
      a.panels * b.panels * geometry.tile_rows * geometry.tile_cols * sizeof(std::int32_t);
  const auto cost = [&](const TilePlan& plan) {
    const std::size_t bytes =
        bytes_read(geometry, a, b, plan) + vector_bytes_read(geometry, plan) + results;
    // By columns all of A comes while the first results leave: in one bank that costs time.
    const bool waits = geometry.results_beside_a && plan[0].order == ng_descriptor::kByColumns;
    return waits ? bytes + bytes / kWorthWaiting : bytes;
  };
  const auto better = [&](const TilePlan& plan) { return cost(plan) < cost(best); };
  const TilePlan by_columns = {{0, a.panels, 0, b.panels, ng_descriptor::kByColumns}};
  if (better(by_columns)) best = by_columns;
  if (const std::size_t most = most_panels(geometry, b); most != 0) {
    TilePlan plan;
    for (const auto& [first, count] : slabs(b.panels, most)) {
      plan.push_back({0, a.panels, first, count, ng_descriptor::kByRows});
    }
    if (better(plan)) best = plan;
  }
  if (const std::size_t most = most_panels(geometry, a); most != 0) {
    TilePlan plan;
    for (const auto& [first, count] : slabs(a.panels, most)) {
      plan.push_back({first, count, 0, b.panels, ng_descriptor::kByColumns});
    }
    if (better(plan)) best = plan;
  }
  return best;
}

}  // namespace narrowgate::internal
