// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate/predict.hpp"

#include <algorithm>
#include <cmath>
#include <narrowgate_xclbin/xclbin.hpp>
#include <vector>

#include "core/pair.hpp"
#include "core/split_k.hpp"
#include "formats/formats.hpp"
#include "model/image_model.hpp"
#include "model/timeline.hpp"
#include "model/traffic_bound.hpp"
#include "narrowgate/device.hpp"
#include "narrowgate/error.hpp"
#include "pack/panel_layout.hpp"
#include "pack/tile_plan.hpp"

namespace narrowgate {
namespace internal {
namespace {

// ---- The model's constants: all that does not come from the image's metadata. ----

// Cycles from start to done that no depth, latency or amount of work accounts for: the control
// slave, what the readers compute before their first request, the FIFOs between the processes, both
// AXI masters; and what replaying a kept factor adds to that. The constants that are fitted, to
// gemm_int8 and gemm_small alike.
constexpr double kWayCycles = 51;
constexpr double kKeptCycles = 21;
// mac_array.v: from the last word of a tile to its first result.
constexpr double kArrayLatency = 40;
// mac_array.v, kFloat: cycles a step.
constexpr std::uint64_t kFloatCycles = 2;
// A FIFO on each side of a process that only some calls pass.
constexpr double kExtraProcessCycles = 4;
// From start to the readers' first bursts, beyond the descriptor's latency.
constexpr double kFirstReadCycles = 45;

/// Whether a kept factor's next group is fetched over all passes (hls/gemm/panels.hpp, IsSpread).
bool is_spread(const Geometry& g, const PanelLayout& layout) {
  constexpr std::size_t kSpanBeats = 32;
  const std::size_t beat = g.panel_beat_bytes(layout.slots);
  const bool byte_scales =
      layout.scale_bytes == beat && layout.blocks_per_scales == beat / layout.slots;
  return layout.scale_bytes == 0 ||
         (byte_scales && layout.block_bytes / beat * (beat / layout.slots) <= kSpanBeats);
}

FactorWork factor_of(const ImageModel& model, const PanelLayout& layout, const PanelWalk& walk,
                     bool is_inner) {
  const Geometry& g = model.image.geometry;
  const auto beats = [&](std::size_t bytes) {
    return static_cast<double>(bytes) / static_cast<double>(g.beat_bytes());
  };
  const double scales = beats(layout.panel_scale_bytes());
  const double wide = beats(g.panel_beat_bytes(layout.slots));
  FactorWork out;
  out.panel_beats = beats(layout.panel_bytes);
  out.is_kept = walk.is_kept(g, layout);
  // A kept panel comes from two buffers at once.
  out.pass_cycles =
      out.is_kept ? std::max(out.panel_beats - scales, scales) / wide : out.panel_beats;
  out.is_inner = is_inner;
  out.fetch_passes =
      is_spread(g, layout) ? std::max(1.0, static_cast<double>(walk.replays) - 1) : 1;
  out.request_beats = out.panel_beats * static_cast<double>(walk.panels);
  return out;
}

/// Work of the array for one tile.
struct TileModel {
  std::uint64_t cycles;  ///< all blocks
  std::uint64_t idle;    ///< of them, after the last word
  std::uint64_t words;   ///< results that leave
};

TileModel tile_of(const ImageModel& model, const Geometry& g, const PredictedShape& shape,
                  const Pair& pair, std::uint64_t block) {
  const bool nibbles = pair.multiply_class == ng_formats::kNibble;
  const std::uint64_t pace = pair.multiply_class == ng_formats::kFloat ? kFloatCycles : 1;
  const auto cycles_of = [&](std::uint64_t steps) {
    const std::uint64_t words = nibbles ? ceil_div(steps, 2) : steps;
    return pace * ceil_div(words, model.window_words) * model.window_words;
  };
  const std::uint64_t blocks = ceil_div(shape.k, block);
  const std::uint64_t last = cycles_of(shape.k - (blocks - 1) * block);
  const std::uint64_t least = model.block_cycles;
  const std::uint64_t whole = std::max(cycles_of(block), least);
  return {(blocks - 1) * whole + std::max(last, least), std::max(last, least) - last,
          std::uint64_t{g.tile_rows} * g.tile_cols * 32 / g.port_bits};
}

int depth_of(const ImageModel& model, const char* process) {
  const auto found = model.depth.find(process);
  return found == model.depth.end() ? 0 : found->second;
}

/// From start to the array's first word, and from its last result to the write master.
double way_cycles(const ImageModel& m, const Pair& pair, bool keeps) {
  double cycles = kWayCycles + kArrayLatency + m.window_latency;
  if (keeps) cycles += kKeptCycles;
  for (const char* process :
       {"read_b", "split_b", "replay_b", "cut_b", "add_terms", "narrow", "write_c"}) {
    cycles += depth_of(m, process);
  }
  if (!pair.int32_sums) cycles += depth_of(m, "scale_float") + kExtraProcessCycles;
  // The call's descriptor is read first; it stands in the memory of the vectors.
  return cycles + m.v.read_latency + std::max(m.a.read_latency, m.b.read_latency);
}

std::uint64_t rounded(double cycles) { return static_cast<std::uint64_t>(std::llround(cycles)); }

Prediction prediction_of(const ImageModel& model, const Pair& pair,
                         const std::vector<CallWork>& calls) {
  const CallWork& first = calls.front();
  const double way = way_cycles(model, pair, first.a.is_kept || first.b.is_kept);
  const double first_read = kFirstReadCycles + model.v.read_latency;
  const Timeline timeline = run_timeline(model, calls, first_read, way);
  Prediction out;
  out.cycles = rounded(timeline.end);
  double compute = 0, beats = 0;
  for (const CallWork& call : calls) {
    const auto tiles = static_cast<double>(call.outer * call.inner);
    compute += tiles * call.tile_cycles;
    for (const FactorWork* factor : {&call.a, &call.b})
      beats += call.panels_read(*factor) * factor->panel_beats;
    beats += static_cast<double>(call.outer) * call.line_beats +
             tiles * (call.vector_beats + call.tile_words);
  }
  out.compute_cycles = std::min(rounded(compute), out.cycles);
  out.memory_cycles = std::min(rounded(timeline.waits), out.cycles - out.compute_cycles);
  out.overhead_cycles = out.cycles - out.compute_cycles - out.memory_cycles;
  out.bound = 50 * out.memory_cycles > out.cycles ? Bound::kMemory : Bound::kCompute;
  if (out.overhead_cycles > out.compute_cycles + out.memory_cycles) out.bound = Bound::kOverhead;
  out.bytes = beats * static_cast<double>(model.image.geometry.beat_bytes());
  return out;
}

void check(const ImageModel& model, const PredictedShape& shape) {
  if (shape.m == 0 || shape.n == 0 || shape.k == 0) {
    throw InvalidArgumentError("m, n and k must be at least 1");
  }
  const CardImage& image = model.image;
  const std::pair pair{shape.a.format, shape.b.format};
  const auto listed = [&](Format f) { return std::ranges::count(image.formats, f) != 0; };
  const bool held = image.pairs.empty() ? listed(pair.first) && listed(pair.second)
                                        : std::ranges::count(image.pairs, pair) != 0;
  if (!held) {
    throw UnsupportedError("image " + image.name + " does not multiply " +
                           std::string(info(pair.first).name) + " by " +
                           std::string(info(pair.second).name));
  }
}

/// Steps in a block: the same for both operands; all of k where neither has scales.
std::uint64_t block_of(const PredictedShape& shape) {
  const std::uint64_t a = info(shape.a.format).has_scales() ? shape.a.block : 0;
  const std::uint64_t b = info(shape.b.format).has_scales() ? shape.b.block : 0;
  if (a != 0 && b != 0 && a != b) {
    throw InvalidArgumentError("A has blocks of " + std::to_string(a) + " elements, B of " +
                               std::to_string(b) + ": they must be equal");
  }
  const std::uint64_t block = std::max(a, b);
  return block == 0 ? shape.k : std::min(block, shape.k);
}

/// The product that the card makes of this one: with int32 results K may be split.
PredictedShape split(const Geometry& g, PredictedShape shape) {
  const auto is_plain = [](const BlockedFormat& f) { return info(f.format).is_plain_integer(); };
  if (!is_plain(shape.a) || !is_plain(shape.b)) return shape;
  const std::size_t slices = slices_of_k(g, shape.m, shape.n, shape.k);
  shape.m *= slices;
  shape.n *= slices;
  shape.k = ceil_div(shape.k, slices);
  return shape;
}

/// Prediction::least_bytes.
double least_traffic(const Geometry& g, const PredictedShape& shape, const PanelLayout& a,
                     const PanelLayout& b) {
  constexpr double kTilesInArray = 3;  // the one that accumulates, and two whose results leave
  const auto k = static_cast<double>(shape.k);
  // What a packed element takes, its share of the scales included, without what fills up panels.
  const auto element = [&](const PanelLayout& layout) {
    return static_cast<double>(layout.panel_bytes) / (static_cast<double>(layout.slots) * k);
  };
  double memory = kTilesInArray * kAccumulatorBytes * g.tile_rows * g.tile_cols;
  for (const PanelLayout* layout : {&a, &b}) {
    memory += 2.0 * static_cast<double>(g.buffer_bytes(layout->side));
    if (layout->scale_bytes != 0) {
      memory += 2.0 * static_cast<double>(g.scale_buffer_bytes(layout->side));
    }
  }
  return least_bytes({static_cast<double>(shape.m), static_cast<double>(shape.n), k, element(a),
                      element(b), memory});
}

}  // namespace

Prediction predict_on(const ImageModel& model, const PredictedShape& whole) {
  check(model, whole);
  const Geometry g = model.image.geometry.for_a(whole.a.format);
  const PredictedShape shape = split(g, whole);
  const std::uint64_t block = block_of(shape);
  const Pair pair = pair_of(shape.a.format, shape.b.format);
  const TileModel tile = tile_of(model, g, shape, pair, block);
  const PanelLayout a = PanelLayout::of(g, Side::kA, shape.a.format, shape.m, shape.k, block);
  const PanelLayout b = PanelLayout::of(g, Side::kB, shape.b.format, shape.n, shape.k, block);
  const VectorLayout vectors = VectorLayout::of(g, g.tile_rows, g.tile_cols);
  const auto beats = [&](std::size_t bytes) {
    return static_cast<double>(bytes) / static_cast<double>(g.beat_bytes());
  };
  std::vector<CallWork> calls;
  for (const TileRange& range : plan_tiles(g, a, b, false)) {
    const bool by_rows = range.order == ng_descriptor::kByRows;
    CallWork call;
    call.outer = by_rows ? range.rows : range.cols;
    call.inner = by_rows ? range.cols : range.rows;
    call.tile_cycles = static_cast<double>(tile.cycles);
    call.tile_idle = static_cast<double>(tile.idle);
    call.tile_words = static_cast<double>(tile.words);
    const double records = beats(vectors.column_record_bytes);
    const double row_terms = beats(vectors.row_record_bytes);
    call.vector_beats = by_rows ? records : row_terms;
    call.line_beats = by_rows ? row_terms : records;
    call.a = factor_of(model, a, PanelWalk::of(Side::kA, range), !by_rows);
    call.b = factor_of(model, b, PanelWalk::of(Side::kB, range), by_rows);
    calls.push_back(call);
  }
  Prediction out = prediction_of(model, pair, calls);
  out.least_bytes = least_traffic(g, shape, a, b);
  out.macs = whole.m * whole.n * whole.k;
  out.peak_macs_per_cycle =
      peak_macs(shape.a.format, shape.b.format, block, std::uint64_t{g.tile_rows} * g.tile_cols);
  out.clock_mhz = model.clock_mhz;
  return out;
}

}  // namespace internal

std::string_view name(Bound bound) {
  switch (bound) {
    case Bound::kCompute:
      return "compute";
    case Bound::kMemory:
      return "memory";
    case Bound::kOverhead:
      return "overhead";
  }
  return "";
}

Prediction predict(std::string_view image, const PredictedShape& shape, double clock_mhz) {
  const std::filesystem::path path = find_image(image);
  try {
    return internal::predict_on(
        internal::ImageModel::of(xclbin::ReadImage(path).metadata, path, clock_mhz), shape);
  } catch (const xclbin::Error& error) {
    throw BadImageError(error.what());
  }
}

}  // namespace narrowgate
