// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "dram_channel.hpp"

#include <algorithm>
#include <bit>

namespace narrowgate::sim {
namespace {

// Far enough in the past that no timing rule reaches from there to time 0.
constexpr Picoseconds kLongAgo = -1'000'000'000;

// Whether the order of two bursts matters.
bool Conflict(const DramBurst& a, const DramBurst& b) {
  return (a.write || b.write) && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

// Calls `visit` with every burst of the queue that has not been served.
template <typename Queue, typename Visit>
void ForEachBurst(Queue& queue, Visit visit) {
  if (queue.current) visit(*queue.current);
  for (DramBurst* burst : queue.window) visit(*burst);
  for (auto& port : queue.ports) {
    for (DramBurst* burst : port) visit(*burst);
  }
}

}  // namespace

DramChannel::DramChannel(const DramTiming& timing, unsigned ports)
    : timing_(timing),
      atom_shift_(std::countr_zero(timing.atom_bytes)),
      page_shift_(std::countr_zero(timing.bank_groups * (timing.row_bytes / timing.atom_bytes))),
      bank_shift_(std::countr_zero(timing.banks_per_group)) {
  for (Queue& queue : queues_) queue.ports.resize(ports);
  Reset();
}

void DramChannel::Reset() {
  banks_.assign(timing_.bank_groups * timing_.banks_per_group,
                Bank{-1, kLongAgo, kLongAgo, kLongAgo});
  group_next_.assign(timing_.bank_groups, kLongAgo);
  for (Queue& queue : queues_) {
    for (auto& port : queue.ports) port.clear();
    queue.window.clear();
    queue.next_port = queue.bursts = queue.blocked = 0;
    queue.current = nullptr;
  }
  direction_ = 0;
  batch_ = 0;
  pending_ = 0;
  bus_free_ = last_write_end_ = last_read_end_ = kLongAgo;
  next_refresh_ = timing_.trefi;
  refreshes_ = row_misses_ = reordered_ = 0;
  jitter_.seed(1);
}

void DramChannel::Push(unsigned port, DramBurst* burst) {
  const std::uint64_t first = burst->offset >> atom_shift_;
  const std::uint64_t last = (burst->offset + burst->bytes - 1) >> atom_shift_;
  burst->atoms = static_cast<unsigned>(last - first + 1);
  burst->atoms_done = 0;
  burst->beats_done = 0;
  burst->groups = GroupsOf(*burst);
  burst->passed_over = burst->blockers = 0;
  burst->blocks = false;
  burst->extra = 0;
  if (timing_.jitter != 0)
    burst->extra = static_cast<Picoseconds>(jitter_()) % (timing_.jitter + 1);
  FindBlockers(*burst);
  Queue& queue = queues_[burst->write];
  queue.ports[port].push_back(burst);
  ++queue.bursts;
  ++pending_;
}

std::uint32_t DramChannel::GroupsOf(const DramBurst& burst) const {
  const unsigned count = std::min(burst.atoms, timing_.bank_groups);
  std::uint32_t groups = 0;
  for (unsigned i = 0; i < count; ++i) {
    groups |= 1u << Locate((burst.offset >> atom_shift_) + i).group;
  }
  return groups;
}

void DramChannel::FindBlockers(DramBurst& burst) {
  for (Queue& queue : queues_) {
    if (queue.bursts == 0 || (!burst.write && &queue == &queues_[0])) continue;
    ForEachBurst(queue, [&](DramBurst& earlier) {
      if (!Conflict(earlier, burst)) return;
      earlier.blocks = true;
      ++burst.blockers;
    });
  }
  queues_[burst.write].blocked += burst.blockers != 0;
}

// `burst` has been served and is in no queue any more. Whatever conflicts with it is younger.
void DramChannel::Unblock(const DramBurst& burst) {
  for (Queue& queue : queues_) {
    if (queue.blocked == 0) continue;
    ForEachBurst(queue, [&](DramBurst& later) {
      if (Conflict(burst, later) && --later.blockers == 0) --queue.blocked;
    });
  }
}

void DramChannel::Schedule(Picoseconds now) {
  // A read command precedes its data by CL: decide that far ahead, no further.
  while (pending_ != 0 && bus_free_ <= now + timing_.cl) {
    if (timing_.trefi != 0 && std::max(bus_free_, now) >= next_refresh_) {
      Refresh();
      continue;
    }
    if (SelectDirection()) batch_ = 0;
    DramBurst* burst = SelectBurst(queues_[direction_]);
    IssueAtom(*burst);
    ++batch_;
    if (burst->atoms_done == burst->atoms) Finish(*burst);
  }
}

void DramChannel::Finish(DramBurst& burst) {
  Queue& queue = queues_[burst.write];
  queue.current = nullptr;
  --queue.bursts;
  --pending_;
  if (burst.blocks) Unblock(burst);
}

// Returns whether the bus turns.
bool DramChannel::SelectDirection() {
  const unsigned other = direction_ ^ 1;
  const bool turn = HasWork(queues_[other]) &&
                    (batch_ >= timing_.direction_batch || !HasWork(queues_[direction_]));
  if (turn) direction_ = other;
  return turn;
}

// Whether there is a burst that may be served now. The oldest burst of all always may: nothing
// that it would have to wait for is left, and it is in the window or the first of its port.
bool DramChannel::HasWork(const Queue& queue) {
  if (queue.bursts == 0) return false;
  if (queue.blocked == 0 || queue.current || !queue.window.empty()) return true;
  return std::any_of(queue.ports.begin(), queue.ports.end(),
                     [](const auto& port) { return !port.empty() && port.front()->blockers == 0; });
}

DramBurst* DramChannel::NextOfPorts(Queue& queue) {
  const auto ports = static_cast<unsigned>(queue.ports.size());
  for (unsigned i = 0; i < ports; ++i) {
    const unsigned port = (queue.next_port + i) % ports;
    if (queue.ports[port].empty() || queue.ports[port].front()->blockers != 0) continue;
    queue.next_port = (port + 1) % ports;
    DramBurst* burst = queue.ports[port].front();
    queue.ports[port].pop_front();
    return burst;
  }
  return nullptr;
}

DramBurst* DramChannel::SelectBurst(Queue& queue) {
  if (queue.current) return queue.current;
  std::vector<DramBurst*>& window = queue.window;
  while (window.size() < timing_.reorder_window && window.size() < queue.bursts) {
    DramBurst* burst = NextOfPorts(queue);
    if (!burst) break;
    window.push_back(burst);
  }
  const std::size_t chosen = FirstReady(window);
  for (std::size_t i = 0; i < chosen; ++i) ++window[i]->passed_over;
  reordered_ += chosen != 0;
  queue.current = window[chosen];
  window.erase(window.begin() + static_cast<std::ptrdiff_t>(chosen));
  return queue.current;
}

// An older burst has been passed over at least as often as a younger one, so that the first of the
// window is the only one to look at for the age limit.
std::size_t DramChannel::FirstReady(const std::vector<DramBurst*>& window) const {
  if (window.size() == 1 || window[0]->passed_over >= timing_.reorder_age_limit) return 0;
  std::size_t best = 0;
  Picoseconds best_time = 0;
  std::uint32_t closed = 0;  // groups that only an older burst may use
  for (std::size_t i = 0; i < window.size(); ++i) {
    const bool must_wait = (window[i]->groups & closed) != 0;
    if (!timing_.reorder_in_group) closed |= window[i]->groups;
    if (must_wait) continue;
    const Place place = Locate(window[i]->offset >> atom_shift_);
    const Bank& bank = banks_[place.bank];
    if (bank.open_row == place.row) return i;
    const Picoseconds time = ActivationTime(bank, window[i]->arrival);
    if (i != 0 && time >= best_time) continue;
    best = i;
    best_time = time;
  }
  return best;
}

void DramChannel::Refresh() {
  // All banks are precharged, then busy for tRFC.
  Picoseconds start = std::max(next_refresh_, bus_free_);
  for (const Bank& bank : banks_) {
    if (bank.open_row >= 0) start = std::max(start, bank.precharge_from);
  }
  const Picoseconds end = start + timing_.trp + timing_.trfc;
  for (Bank& bank : banks_) {
    bank.open_row = -1;
    bank.activate_from = end;
  }
  bus_free_ = end;
  next_refresh_ += timing_.trefi;
  ++refreshes_;
}

DramChannel::Place DramChannel::Locate(std::uint64_t atom) const {
  // Consecutive atoms go round the bank groups, so that a stream never waits for tCCD_L.
  const std::uint64_t group = atom & (timing_.bank_groups - 1);
  const std::uint64_t page = atom >> page_shift_;
  return {group, group * timing_.banks_per_group + (page & (timing_.banks_per_group - 1)),
          static_cast<std::int64_t>(page >> bank_shift_)};
}

// When a row that is not open can be opened.
Picoseconds DramChannel::ActivationTime(const Bank& bank, Picoseconds arrival) const {
  if (bank.open_row < 0) return std::max(arrival, bank.activate_from);
  return std::max({arrival, bank.precharge_from, bank.activated + timing_.tras}) + timing_.trp;
}

// When a column command may be given to `row`, which is opened if it must be.
Picoseconds DramChannel::RowReady(Bank& bank, std::int64_t row, Picoseconds arrival) {
  if (bank.open_row == row) return std::max(arrival, bank.activated + timing_.trcd);
  const Picoseconds activate = ActivationTime(bank, arrival);
  ++row_misses_;
  bank.open_row = row;
  bank.activated = activate;
  bank.precharge_from = activate + timing_.tras;
  return activate + timing_.trcd;
}

void DramChannel::IssueAtom(DramBurst& burst) {
  const auto [group, bank_index, row] = Locate((burst.offset >> atom_shift_) + burst.atoms_done);
  Bank& bank = banks_[bank_index];
  const Picoseconds command = RowReady(bank, row, burst.arrival);
  const Picoseconds latency = burst.write ? timing_.cwl : timing_.cl;
  Picoseconds start = std::max({command + latency, bus_free_, group_next_[group]});
  if (burst.write) {
    start = std::max(start, last_read_end_ + timing_.trtw);
  } else {
    start = std::max(start, last_write_end_ + timing_.twtr + timing_.cl);
  }
  const Picoseconds end = start + timing_.atom;
  bus_free_ = end;
  group_next_[group] = start + timing_.tccd_l;
  if (burst.write) {
    last_write_end_ = end;
    bank.precharge_from = std::max(bank.precharge_from, end + timing_.twr);
  } else {
    last_read_end_ = end;
    bank.precharge_from = std::max(bank.precharge_from, start - timing_.cl + timing_.trtp);
  }
  NoteAtom(burst, end);
}

void DramChannel::NoteAtom(DramBurst& burst, Picoseconds data_end) {
  ++burst.atoms_done;
  if (burst.write) {
    burst.ready[0] = data_end + timing_.write_overhead;
    return;
  }
  const std::uint64_t first_atom = burst.offset >> atom_shift_;
  const std::uint64_t covered = std::min<std::uint64_t>(
      ((first_atom + burst.atoms_done) << atom_shift_) - burst.offset, burst.bytes);
  while ((burst.beats_done + 1) * std::uint64_t{burst.beat_bytes} <= covered) {
    burst.ready[burst.beats_done++] = data_end + timing_.read_overhead + burst.extra;
  }
}

}  // namespace narrowgate::sim
