// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pack/pack.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "core/check.hpp"
#include "pack/compress.hpp"
#include "pack/lay_down.hpp"
#include "pack/scale_beats.hpp"
#include "pack/source.hpp"

namespace narrowgate::internal {
namespace {

// From this size on, packed operands go past the caches, which they would not fit: a store that
// stays there reads its line first.
constexpr std::size_t kStreamedBytes = std::size_t{1} << 20;

// What is copied of neighbouring panels before the next steps: with streamed stores whole rows of
// the source, so that the machine reads ahead; else no more panels than lines a cache set holds
// (they are often a power of two apart), and more steps of each.
struct Group {
  std::size_t row_bytes;
  std::size_t steps;
};
constexpr Group kStreamedGroup{4096, 16};
constexpr Group kCachedGroup{512, 64};

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

/// How one call packs.
struct Job {
  const Source& source;
  Side side;
  const PanelLayout& layout;
  bool streamed;
  std::uint8_t* out;
  std::int32_t* sums;

  std::uint8_t* target(std::size_t panel, std::size_t step) const {
    return out + panel * layout.panel_bytes + layout.step_offset(step);
  }
};

/// One chunk of a panel of 8-bit elements: from where they are, if the lanes lie there as in a
/// step, else through a tile.
void pack_bytes(const Job& job, const Chunk& chunk, std::uint8_t* target, std::int32_t* sums) {
  const Source& source = job.source;
  const unsigned slots = job.layout.slots;
  if (source.lane_stride == 1 && chunk.used == slots) {
    lay_down(source.format, source.data + source.element(chunk.lane, chunk.step),
             source.step_stride, chunk.steps, slots, job.streamed, target, sums);
    return;
  }
  alignas(kLineBytes) std::array<std::uint8_t, kChunkSteps * kMaxLanes> tile;
  fill_tile(source, chunk, slots, tile.data());
  lay_down(source.format, tile.data(), slots, chunk.steps, slots, job.streamed, target, sums);
}

/// One chunk of a panel of 4-bit or 6-bit elements.
void pack_codes(const Job& job, const Chunk& chunk, std::uint8_t* target, std::int32_t* sums) {
  const Source& source = job.source;
  const unsigned slots = job.layout.slots;
  alignas(kLineBytes) std::array<std::uint8_t, kChunkSteps * kMaxLanes> tile;
  fill_tile(source, chunk, slots, tile.data());
  const std::size_t bytes = chunk.steps * slots;
  if (!are_elements(source.format, tile.data(), bytes)) {
    throw_first_outside(source, job.side, chunk);
  }
  if (sums != nullptr) add_sums(source.format, tile.data(), slots, chunk.steps, slots, sums);
  (source.format.bits == 4 ? compress_nibbles : compress_sixes)(tile.data(), bytes, target);
}

/// Panels first...last-1, chunk by chunk, none of which crosses a block: where neighbouring panels
/// share cache lines of the source, they are packed side by side.
void pack_group(const Job& job, std::size_t chunk_steps, std::size_t first, std::size_t last) {
  const Source& source = job.source;
  const PanelLayout& layout = job.layout;
  const auto pack_chunk = source.format.bits == 8 ? pack_bytes : pack_codes;
  for (std::size_t step = 0, steps = 0; step < source.steps; step += steps) {
    const std::size_t left_in_block = layout.block - step % layout.block;
    steps = std::min({chunk_steps, source.steps - step, left_in_block});
    for (std::size_t panel = first; panel < last; ++panel) {
      const std::size_t lane = panel * layout.lanes;
      const Chunk chunk{lane, std::min<std::size_t>(layout.lanes, source.lanes - lane), step,
                        steps};
      std::int32_t* sums = source.format.is_plain_integer() ? job.sums + lane : nullptr;
      pack_chunk(job, chunk, job.target(panel, step), sums);
    }
  }
  for (std::size_t panel = first; panel < last; ++panel) {
    fill_gaps(source.format, layout, source.steps, job.out + panel * layout.panel_bytes);
  }
}

void pack_elements(const Job& job) {
  const bool side_by_side = job.source.lane_stride == 1;
  const Group group = job.streamed ? kStreamedGroup : kCachedGroup;
  const std::size_t steps = side_by_side ? group.steps : kChunkSteps;
  const std::size_t panels =
      side_by_side ? std::max<std::size_t>(1, group.row_bytes / job.layout.lanes) : 1;
  for (std::size_t first = 0; first < job.layout.panels; first += panels) {
    pack_group(job, steps, first, std::min(first + panels, job.layout.panels));
  }
  if (job.streamed) finish_streams();
}

/// Streamed stores pay where they fill whole lines one after the other.
bool wants_streams(const FormatInfo& format, const PanelLayout& layout, const std::uint8_t* out) {
  const auto is_lines = [](std::size_t bytes) { return bytes % kLineBytes == 0; };
  const bool whole_lines = layout.blocks == 1 || is_lines(layout.block * layout.step_bytes);
  return format.bits == 8 && can_stream(layout.slots) && layout.bytes() >= kStreamedBytes &&
         whole_lines && is_lines(layout.panel_bytes) && is_lines(layout.scale_bytes) &&
         is_lines(reinterpret_cast<std::uintptr_t>(out));
}

}  // namespace

std::vector<std::int32_t> pack_panels(const Geometry& geometry, Side side, const MatrixView& matrix,
                                      std::span<std::uint8_t> out, std::size_t block) {
  check_matrix(matrix, side == Side::kA ? "A" : "B");
  const Source source(side, matrix);
  const PanelLayout layout = PanelLayout::of(geometry, side, matrix.format, source.lanes,
                                             source.steps, block == 0 ? matrix.block() : block);
  if (layout.slots > kMaxLanes || out.size() < layout.bytes()) {
    throw InvalidArgumentError("packing needs " + std::to_string(layout.bytes()) + " bytes of " +
                               std::to_string(layout.slots) + " lanes: there are " +
                               std::to_string(out.size()) + " bytes and at most " +
                               std::to_string(kMaxLanes) + " lanes");
  }
  // Slots beyond a panel's lanes hold the pad code, which adds nothing to the next panel's sums.
  std::vector<std::int32_t> sums(layout.panels * layout.lanes + layout.slots - layout.lanes, 0);
  pack_elements({source, side, layout, wants_streams(source.format, layout, out.data()), out.data(),
                 sums.data()});
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
