// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate/predict.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <narrowgate_xclbin/xclbin.hpp>
#include <vector>

#include "core/pair.hpp"
#include "core/split_k.hpp"
#include "formats/formats.hpp"
#include "model/image_model.hpp"
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
constexpr double kWayCycles = 54;
constexpr double kKeptCycles = 17;
// mac_array.v: from the last word of a tile to its first result.
constexpr double kArrayLatency = 40;
// mac_array.v, kFloat: cycles a step.
constexpr std::uint64_t kFloatCycles = 2;
// panels.hpp: requests ahead of the data.
constexpr double kRequestsAhead = 4;
// ng_axi_write_master.sv: a burst is announced when all of its data are there.
constexpr double kBurstBeats = 64;
// ng_axi_read_master.sv: what it reads ahead of the kernel, less the beats under way. The vectors'
// beats that share B's bank come first, since their requests do; B's first beats take so many
// cycles anyway.
constexpr double kReadAheadBeats = 446;
constexpr double kVectorsHidden = 12;
// From a request's turn in ReadOperand to its data, beyond the memory's latency.
constexpr double kRequestCycles = 63;
// A FIFO on each side of a process that only some calls pass.
constexpr double kExtraProcessCycles = 4;

/// An operand's panels in the order of the array.
struct OperandModel {
  double panel_beats;     ///< scales included
  double pass_cycles;     ///< of a panel on its way to the array
  bool buffered;          ///< read once
  double beats_per_tile;  ///< read from memory, on average
  bool single;            ///< one group: its first pass reads it all, if it is kept
  double groups;
  double panels;         ///< in a group
  double request_beats;  ///< of one request, when it is not buffered
};

OperandModel operand_of(const ImageModel& model, const PanelLayout& layout, const PanelWalk& walk) {
  const Geometry& g = model.image.geometry;
  const auto beats = [&](std::size_t bytes) {
    return static_cast<double>(bytes) / static_cast<double>(g.beat_bytes());
  };
  const bool kept = walk.is_kept(g, layout);
  const double scales = beats(layout.panel_scale_bytes());
  const double panel = beats(layout.panel_bytes);
  const double wide = beats(g.panel_beat_bytes(layout.slots));
  // A kept panel comes from two buffers at once.
  const double pass = kept ? std::max(panel - scales, scales) / wide : panel;
  return {panel,
          pass,
          kept,
          kept ? panel / static_cast<double>(walk.replays) : panel,
          walk.groups == 1 && walk.panels > 1,
          static_cast<double>(walk.groups),
          static_cast<double>(walk.panels),
          panel * static_cast<double>(walk.panels)};
}

/// Work of the array for one tile.
struct TileModel {
  std::uint64_t cycles;  ///< all blocks
  std::uint64_t idle;    ///< of them, after the last word
  std::uint64_t words;   ///< results that leave
};

TileModel tile_of(const ImageModel& model, const PredictedShape& shape, const Pair& pair,
                  std::uint64_t block) {
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
  const Geometry& g = model.image.geometry;
  return {(blocks - 1) * whole + std::max(last, least), std::max(last, least) - last,
          std::uint64_t{g.tile_rows} * g.tile_cols * 32 / g.port_bits};
}

/// All that the formula needs.
struct CallModel {
  const ImageModel& model;
  Pair pair;
  std::uint64_t m_tiles, n_tiles;
  TileModel tile;
  OperandModel a, b;
  double row_vectors;  ///< beats of the vector buffer for one row of tiles, or one column
  double vectors_per_tile;

  double tiles() const { return static_cast<double>(m_tiles * n_tiles); }
  /// The factor that has one group, and the other one.
  const OperandModel& inner() const { return a.single ? a : b; }
  const OperandModel& outer() const { return a.single ? b : a; }
  /// Beats that port i moves for a tile, on average.
  std::array<double, 4> beats_per_tile() const {
    return {a.beats_per_tile, b.beats_per_tile, vectors_per_tile, static_cast<double>(tile.words)};
  }
};

/// Cycles a tile that reading, or the processes between memory and array, allow at best, when A, B
/// and the vectors read so many beats for it.
double reading_pace(const CallModel& call, const std::array<double, 3>& beats) {
  const ImageModel& m = call.model;
  const std::array<const BankModel*, 3> banks = {&m.a, &m.b, &m.v};
  // The buffers pass one beat a cycle, the array's way out one word a cycle.
  double pace =
      std::max({call.a.pass_cycles, call.b.pass_cycles, static_cast<double>(call.tile.words)});
  for (const BankModel* const bank : banks) {
    double busy = 0;  // of the bank, for all ports that read from it
    for (std::size_t i = 0; i < banks.size(); ++i) {
      if (banks[i]->index == bank->index) busy += beats[i] * bank->cycles_per_beat;
    }
    if (busy > static_cast<double>(call.tile.cycles))
      pace = std::max(pace, bank->with_refresh(busy));
  }
  // Short blocks are requested one by one: no more under way than requests are made ahead.
  for (const auto& [operand, bank] : {std::pair{&call.a, &m.a}, std::pair{&call.b, &m.b}}) {
    if (operand->buffered) continue;
    const double requests = operand->panel_beats / operand->request_beats;
    pace = std::max(pace, requests * (bank->open_latency + kRequestCycles) / kRequestsAhead);
  }
  return pace;
}

int depth_of(const ImageModel& model, const char* process) {
  const auto found = model.depth.find(process);
  return found == model.depth.end() ? 0 : found->second;
}

/// From start to the array's first word, and from its last result to the write master.
double way_cycles(const CallModel& call) {
  const ImageModel& m = call.model;
  double cycles = kWayCycles + kArrayLatency + m.window_latency;
  if (call.a.buffered || call.b.buffered) cycles += kKeptCycles;
  for (const char* process :
       {"read_b", "split_b", "replay_b", "cut_b", "add_terms", "narrow", "write_c"}) {
    cycles += depth_of(m, process);
  }
  if (!call.pair.int32_sums) cycles += depth_of(m, "scale_float") + kExtraProcessCycles;
  // The call's descriptor is read first; it stands in the memory of the vectors.
  return cycles + m.v.read_latency + std::max(m.a.read_latency, m.b.read_latency);
}

/// What the column records take from B when both come from one bank.
double vector_cycles(const CallModel& call) {
  if (call.model.v.index != call.model.b.index) return 0;
  const double beats = std::min(call.row_vectors, kReadAheadBeats);
  return std::max(0.0, beats * call.model.v.cycles_per_beat - kVectorsHidden);
}

double result_beats(const CallModel& call) {
  return call.tiles() * static_cast<double>(call.tile.words);
}

/// Beats of the last burst.
double last_burst(const CallModel& call) {
  const double rest = std::fmod(result_beats(call), kBurstBeats);
  return rest == 0 ? kBurstBeats : rest;
}

/// When the bank of the results can take the last burst, if it has taken the others one after the
/// other since `first`, when the data of the first were there. What ports have still to read from
/// the same bank goes between.
double bank_ready(const CallModel& call, double first) {
  const BankModel& bank = call.model.c;
  const std::array<const BankModel*, 3> readers = {&call.model.a, &call.model.b, &call.model.v};
  double reads = 0;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    if (readers[i]->index == bank.index) reads += call.beats_per_tile()[i] * call.tiles();
  }
  const double late = std::max(0.0, reads * bank.cycles_per_beat - (first - bank.read_latency));
  const double writes = result_beats(call) - last_burst(call);
  double ready = first + writes * bank.cycles_per_beat + late +
                 late / (bank.batch_beats * bank.cycles_per_beat) * bank.turnaround;
  const double begin = std::floor(first / bank.refresh_interval);
  for (double r = begin + 1; r * bank.refresh_interval < ready; ++r) ready += bank.refresh_cycles;
  return ready;
}

/// The end of the last burst, whose data were there at `ready`. They go to the bank beat by beat,
/// which then stores them; a refresh comes before that or into it.
double end_of_writes(const CallModel& call, double ready) {
  const BankModel& bank = call.model.c;
  const double begin = ready + last_burst(call);
  const double service = last_burst(call) * bank.cycles_per_beat;
  const double refresh =
      std::floor((begin + service) / bank.refresh_interval) * bank.refresh_interval;
  const double end = begin + bank.write_overhead + service;
  if (refresh <= 0 || refresh + bank.refresh_cycles <= begin) return end;
  // All of it waits, or what is left of it.
  return end + bank.refresh_cycles - std::max(0.0, begin - refresh);
}

std::uint64_t rounded(double cycles) { return static_cast<std::uint64_t>(std::llround(cycles)); }

/// What all tiles take. A kept group is read during its first pass, and only then: the one of the
/// factor that has a single group in the call's first tiles, each of the other's in one tile.
double steady_cycles(const CallModel& call) {
  const std::array<double, 4> average = call.beats_per_tile();
  const auto pace = [&](double inner_beats) {
    std::array<double, 3> beats = {average[0], average[1], average[2]};
    if (call.inner().buffered) beats[call.a.single ? 0 : 1] = inner_beats;
    return std::max(static_cast<double>(call.tile.cycles), reading_pace(call, beats));
  };
  const double opening = std::min(call.tiles(), call.inner().panels);
  const double later = pace(0);
  double cycles = opening * pace(call.inner().panel_beats) + (call.tiles() - opening) * later;
  if (call.outer().buffered) {
    const BankModel& bank = call.a.single ? call.model.b : call.model.a;
    const double fetch = bank.with_refresh(call.outer().panel_beats * bank.cycles_per_beat);
    cycles += (call.outer().groups - 1) * std::max(0.0, fetch - later);
  }
  return cycles;
}

/// All calls but the last one are nothing but tiles at their pace: the next one is under way before
/// they end.
Prediction prediction_of(const std::vector<CallModel>& calls) {
  const CallModel& call = calls.back();
  const auto compute = static_cast<double>(call.tile.cycles);
  const auto words = static_cast<double>(call.tile.words);
  const double steady = steady_cycles(call);
  const double others = steady * (1 - 1 / call.tiles());  // tiles than the first one
  // The first tile's products, the others at the steady pace, the last one's way out of the array.
  const double first =
      way_cycles(call) + vector_cycles(call) + compute - static_cast<double>(call.tile.idle);
  const double array_ready = first + others + words;
  const double ready =
      std::max(array_ready, bank_ready(call, first + std::min(kBurstBeats, result_beats(call))));
  double before = 0;
  double tiles = 0;
  double beats = 0;
  bool waits_for_memory = ready > array_ready;
  for (const CallModel& each : calls) {
    if (&each != &call) before += steady_cycles(each);
    tiles += each.tiles();
    for (const double port : each.beats_per_tile()) beats += port * each.tiles();
    waits_for_memory |= steady_cycles(each) > each.tiles() * compute;
  }
  Prediction out;
  const double end = before + end_of_writes(call, ready);
  out.cycles = rounded(end);
  out.compute_cycles = std::min(rounded(tiles * compute), out.cycles);
  const double waits = before - (tiles - call.tiles()) * compute + others -
                       (call.tiles() - 1) * compute + vector_cycles(call) + ready - array_ready;
  out.memory_cycles = std::min(rounded(waits), out.cycles - out.compute_cycles);
  out.overhead_cycles = out.cycles - out.compute_cycles - out.memory_cycles;
  out.bound = waits_for_memory ? Bound::kMemory : Bound::kCompute;
  if (out.overhead_cycles > out.compute_cycles + out.memory_cycles) out.bound = Bound::kOverhead;
  out.bytes = beats * static_cast<double>(call.model.image.geometry.beat_bytes());
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
double least_bytes(const Geometry& g, const PredictedShape& shape, const PanelLayout& a,
                   const PanelLayout& b) {
  constexpr double kResult = 4;        // bytes of an accumulator, and of a result
  constexpr double kTilesInArray = 3;  // the one that accumulates, and two whose results leave
  const double m = static_cast<double>(shape.m), n = static_cast<double>(shape.n);
  const double k = static_cast<double>(shape.k);
  // What a packed element takes, its share of the scales included, without what fills up panels.
  const auto element = [&](const PanelLayout& layout) {
    return static_cast<double>(layout.panel_bytes) / (static_cast<double>(layout.slots) * k);
  };
  const double wa = element(a), wb = element(b);
  double memory = kTilesInArray * kResult * g.tile_rows * g.tile_cols;
  for (const PanelLayout* layout : {&a, &b}) {
    memory += 2.0 * static_cast<double>(g.buffer_bytes(layout->slots));
    if (layout->scale_bytes != 0) {
      memory += 2.0 * static_cast<double>(g.scale_buffer_bytes(layout->slots));
    }
  }
  const double once = wa * m * k + wb * k * n + kResult * m * n;
  return std::max(once, 2 * m * n * k * std::sqrt(wa * wb * kResult / memory) - 2 * memory);
}

}  // namespace

Prediction predict_on(const ImageModel& model, const PredictedShape& whole) {
  check(model, whole);
  const Geometry& g = model.image.geometry;
  const PredictedShape shape = split(g, whole);
  const std::uint64_t block = block_of(shape);
  const Pair pair = pair_of(shape.a.format, shape.b.format);
  const TileModel tile = tile_of(model, shape, pair, block);
  const PanelLayout a = PanelLayout::of(g, Side::kA, shape.a.format, shape.m, shape.k, block);
  const PanelLayout b = PanelLayout::of(g, Side::kB, shape.b.format, shape.n, shape.k, block);
  const VectorLayout vectors = VectorLayout::of(g, g.tile_rows, g.tile_cols);
  const auto beats = [&](std::size_t bytes) {
    return static_cast<double>(bytes) / static_cast<double>(g.beat_bytes());
  };
  std::vector<CallModel> calls;
  for (const TileRange& range : plan_tiles(g, a, b, false)) {
    const bool by_rows = range.order == ng_descriptor::kByRows;
    const double rows = beats(vectors.row_record_bytes);
    const double columns = beats(vectors.column_record_bytes);
    const double per_tile = columns + (by_rows ? rows / static_cast<double>(range.cols) : rows);
    calls.push_back({model, pair, range.rows, range.cols, tile,
                     operand_of(model, a, PanelWalk::of(Side::kA, range)),
                     operand_of(model, b, PanelWalk::of(Side::kB, range)),
                     per_tile * static_cast<double>(by_rows ? range.cols : range.rows), per_tile});
  }
  Prediction out = prediction_of(calls);
  out.least_bytes = least_bytes(g, shape, a, b);
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
