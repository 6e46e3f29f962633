// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/card_task.hpp"

#include <algorithm>

#include "core/cpu_time.hpp"
#include "core/pair.hpp"
#include "pack/pack.hpp"
#include "pack/unpack.hpp"
#include "pack/vectors.hpp"

namespace narrowgate::internal {
namespace {

const CardOperand& on_card(const OperandPtr& operand) {
  return static_cast<const CardOperand&>(*operand);
}

}  // namespace

CardTask::~CardTask() {
  engine_.pool_.give_back("a", std::move(a_.buffer));
  engine_.pool_.give_back("b", std::move(b_.buffer));
  engine_.pool_.give_back("v", std::move(v_.buffer));
  engine_.pool_.give_back("c", std::move(c_.buffer));
}

void CardTask::upload() {
  count_macs();
  split();
  plan();
  place_factors(Side::kA);
  place_factors(Side::kB);
  place_results();
  place_vectors();
}

template <typename Work>
void CardTask::spend(double& cpu_s, Work&& work) {
  double spent = 0;
  {
    const CpuTime cpu(spent);
    work();
  }
  cpu_s += spent;
  report.host_cpu_s -= spent;  // which has all of this stage in the end
}

void CardTask::take(Staging& staging, const char* argument) {
  if (staging.bytes == 0) return;
  staging.buffer = engine_.guarded([&] { return engine_.pool_.take(argument, staging.bytes); });
}

void CardTask::send(Staging& staging) {
  if (!staging.buffer) return;
  spend(report.transfer_cpu_s, [&] { engine_.upload(*staging.buffer, staging.bytes); });
  report.bytes_uploaded += staging.bytes;
}

void CardTask::count_macs() {
  double peak_cycles = 0;  // what the products take at the peak
  for (const Request& request : requests_) {
    const Problem& p = request.problem;
    const Geometry g = engine_.geometry_.for_a(p.a_format);
    const std::uint64_t macs = std::uint64_t{p.m} * p.n * p.k;
    report.macs += macs;
    peak_cycles += static_cast<double>(macs) /
                   static_cast<double>(peak_macs(p.a_format, p.b_format, block_of(p),
                                                 std::uint64_t{g.tile_rows} * g.tile_cols));
  }
  report.peak_macs_per_cycle =
      static_cast<std::uint64_t>(static_cast<double>(report.macs) / peak_cycles + 0.5);
}

void CardTask::split() {
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    if (requests_[i].kept) continue;
    split_[i] = SplitProduct::of(geometry_of(i), requests_[i]);
    if (split_[i]) requests_[i] = split_[i]->request();
  }
}

Geometry CardTask::geometry_of(std::size_t index) const {
  return engine_.geometry_.for_a(requests_[index].problem.a_format);
}

void CardTask::plan() {
  std::size_t descriptors = 0;
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    const Problem& p = requests_[i].problem;
    const Geometry g = geometry_of(i);
    Call& call = calls_[i];
    call.a_layout = PanelLayout::of(g, Side::kA, p.a_format, p.m, p.k, block_of(p));
    call.b_layout = PanelLayout::of(g, Side::kB, p.b_format, p.n, p.k, block_of(p));
    const bool is_mx = info(output_format(p.options.epilogue)).is_mx;
    call.plan = plan_tiles(g, call.a_layout, call.b_layout, is_mx);
    call.first_descriptor = descriptors;
    descriptors += call.plan.size();
  }
}

/// Resident operands are where they are; views are packed into one buffer and sent.
void CardTask::place_factors(Side side) {
  const bool is_a = side == Side::kA;
  Staging& staging = is_a ? a_ : b_;
  const auto factor = [&](std::size_t i) -> const Factor& {
    return is_a ? requests_[i].a : requests_[i].b;
  };
  const auto placed = [&](std::size_t i) -> Placed& { return is_a ? calls_[i].a : calls_[i].b; };
  std::vector<std::size_t> sizes(calls_.size());
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (factor(i).resident) {
      const CardOperand& operand = on_card(factor(i).resident);
      placed(i) = {operand.buffer.get(), 0, operand.sums, {}};
      continue;
    }
    sizes[i] = (is_a ? calls_[i].a_layout : calls_[i].b_layout).bytes();
    placed(i).offset = staging.bytes;
    staging.bytes += sizes[i];
  }
  take(staging, is_a ? "a" : "b");
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (sizes[i] == 0) continue;
    Placed& here = placed(i);
    here.buffer = staging.buffer.get();
    here.packed_sums = pack_panels(geometry_of(i), side, factor(i).view,
                                   staging.buffer->host().subspan(here.offset, sizes[i]),
                                   block_of(requests_[i].problem));
    here.sums = here.packed_sums;
  }
  send(staging);
}

void CardTask::place_results() {
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (requests_[i].kept) continue;
    const Problem& p = requests_[i].problem;
    calls_[i].result_offset = c_.bytes;
    calls_[i].result_bytes =
        ResultLayout::of(geometry_of(i), p.m, p.n, output_format(p.options.epilogue)).bytes();
    // MX results of less than a tile may end within a beat of others.
    c_.bytes += ceil_div(calls_[i].result_bytes, engine_.geometry_.beat_bytes()) *
                engine_.geometry_.beat_bytes();
  }
  take(c_, "c");
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    calls_[i].result =
        requests_[i].kept ? on_card(requests_[i].kept).buffer.get() : c_.buffer.get();
  }
}

/// v: the descriptors, then the vectors of each call.
void CardTask::place_vectors() {
  const Geometry& g = engine_.geometry_;
  v_.bytes = (calls_.back().first_descriptor + calls_.back().plan.size()) * kDescriptorBytes;
  v_.bytes = ceil_div(v_.bytes, g.beat_bytes()) * g.beat_bytes();
  std::vector<std::size_t> sizes(calls_.size());
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    const Problem& p = requests_[i].problem;
    sizes[i] = VectorLayout::of(geometry_of(i), p.m, p.n).bytes();
    calls_[i].vectors_offset = v_.bytes;
    v_.bytes += sizes[i];
  }
  take(v_, "v");
  const std::span<std::uint8_t> host = v_.buffer->host();
  const CardPlaces arguments{calls_[0].a.buffer->address(), calls_[0].b.buffer->address(),
                             v_.buffer->address(), calls_[0].result->address()};
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    pack_vectors(geometry_of(i), requests_[i].problem, calls_[i].a.sums, calls_[i].b.sums,
                 host.subspan(calls_[i].vectors_offset, sizes[i]));
    std::size_t at = calls_[i].first_descriptor * kDescriptorBytes;
    for (const KernelCall& call : describe(i)) {
      write_descriptor(call, arguments, g.beat_bytes(), host.subspan(at));
      at += kDescriptorBytes;
    }
  }
  send(v_);
}

std::vector<KernelCall> CardTask::describe(std::size_t index) const {
  const Problem& p = requests_[index].problem;
  const Call& placed = calls_[index];
  const Geometry g = geometry_of(index);
  const EpilogueArguments e = epilogue_arguments(p);
  const VectorLayout vectors = VectorLayout::of(g, p.m, p.n);
  const std::size_t tile_bytes =
      std::size_t{g.tile_rows} * g.tile_cols * info(output_format(p.options.epilogue)).bytes;
  KernelCall call;
  call.k = static_cast<std::uint32_t>(p.k);
  call.a_format = info(p.a_format).code;
  call.b_format = info(p.b_format).code;
  call.mode = static_cast<std::uint32_t>(e.mode);
  call.scale = e.scale;
  call.out_zero = e.out_zero;
  call.clamp_lo = e.clamp_lo;
  call.clamp_hi = e.clamp_hi;
  call.out_format = e.out_format;
  call.activation = e.activation;
  call.n = static_cast<std::uint32_t>(p.n);
  call.block = static_cast<std::uint32_t>(block_of(p));
  call.blocks = static_cast<std::uint32_t>(placed.a_layout.blocks);
  call.sum_exponent = static_cast<std::uint32_t>(pair_of(p.a_format, p.b_format).sum_exponent);
  const std::uint64_t rows = v_.buffer->address() + placed.vectors_offset;
  std::uint64_t result = placed.result->address() + placed.result_offset;
  std::vector<KernelCall> calls;
  for (const TileRange& range : placed.plan) {
    call.places = {placed.a.address() + range.first_row * placed.a_layout.panel_bytes,
                   placed.b.address() + range.first_col * placed.b_layout.panel_bytes,
                   rows + range.first_row * vectors.row_record_bytes, result};
    call.records = rows + vectors.columns_offset() + range.first_col * vectors.column_record_bytes;
    call.m_tiles = static_cast<std::uint32_t>(range.rows);
    call.n_tiles = static_cast<std::uint32_t>(range.cols);
    call.order = range.order;
    calls.push_back(call);
    result += range.tiles() * tile_bytes;
  }
  return calls;
}

/// How many calls from `first` on the card may run in one queue: its reading runs ahead of its
/// writing, so that none may touch what an earlier one keeps.
std::size_t CardTask::independent_calls(std::size_t first) const {
  std::size_t end = first + 1;
  const auto touches = [&](const OperandPtr& kept) {
    const Request& next = requests_[end];
    return kept && (next.a.resident == kept || next.b.resident == kept || next.kept == kept);
  };
  const auto is_read = [&](const Request& earlier) {
    const OperandPtr& kept = requests_[end].kept;
    return kept && (earlier.a.resident == kept || earlier.b.resident == kept);
  };
  while (end < requests_.size()) {
    const auto earlier = std::span(requests_).subspan(first, end - first);
    if (std::ranges::any_of(earlier, [&](const Request& r) { return touches(r.kept); }) ||
        std::ranges::any_of(earlier, is_read)) {
      break;
    }
    ++end;
  }
  return end - first;
}

void CardTask::run() {
  for (std::size_t first = 0; first < calls_.size();) {
    const std::size_t count = independent_calls(first);
    const Call& last = calls_[first + count - 1];
    const std::size_t begin = calls_[first].first_descriptor;
    const std::size_t end = last.first_descriptor + last.plan.size();
    engine_.start({calls_[0].a.buffer, calls_[0].b.buffer, v_.buffer.get(), calls_[0].result,
                   static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end - begin)});
    double waiting_s = 0;
    spend(waiting_s, [&] { engine_.finish(); });
    spend(report.transfer_cpu_s, [&] { engine_.add_counters(report); });
    first += count;
  }
}

void CardTask::download() {
  if (!c_.buffer) return;
  spend(report.transfer_cpu_s, [&] { engine_.download(*c_.buffer, c_.bytes); });
  report.bytes_downloaded += c_.bytes;
  const std::span<const std::uint8_t> results = c_.buffer->host();
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (requests_[i].kept) continue;
    unpack_result(geometry_of(i), calls_[i].plan,
                  results.subspan(calls_[i].result_offset, calls_[i].result_bytes), requests_[i].c);
    if (split_[i]) split_[i]->combine();
  }
}

}  // namespace narrowgate::internal
