// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "dram_channel.hpp"

#include <algorithm>
#include <bit>

namespace narrowgate::sim {
namespace {

// Far enough in the past that no timing rule reaches from there to time 0.
constexpr Picoseconds kLongAgo = -1'000'000'000;

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
    queue.next_port = 0;
    queue.bursts = 0;
    queue.current = nullptr;
  }
  direction_ = 0;
  batch_ = 0;
  pending_ = 0;
  bus_free_ = last_write_end_ = last_read_end_ = kLongAgo;
  next_refresh_ = timing_.trefi;
  refreshes_ = row_misses_ = 0;
  jitter_.seed(1);
}

void DramChannel::Push(unsigned port, DramBurst* burst) {
  const std::uint64_t first = burst->offset >> atom_shift_;
  const std::uint64_t last = (burst->offset + burst->bytes - 1) >> atom_shift_;
  burst->atoms = static_cast<unsigned>(last - first + 1);
  burst->atoms_done = 0;
  burst->beats_done = 0;
  burst->extra = 0;
  if (timing_.jitter != 0)
    burst->extra = static_cast<Picoseconds>(jitter_()) % (timing_.jitter + 1);
  Queue& queue = queues_[burst->write];
  queue.ports[port].push_back(burst);
  ++queue.bursts;
  ++pending_;
}

void DramChannel::Schedule(Picoseconds now) {
  // A read command precedes its data by CL: decide that far ahead, no further.
  while (pending_ != 0 && bus_free_ <= now + timing_.cl) {
    if (timing_.trefi != 0 && std::max(bus_free_, now) >= next_refresh_) {
      Refresh();
      continue;
    }
    if (SelectDirection()) batch_ = 0;
    Queue& queue = queues_[direction_];
    DramBurst* burst = SelectBurst(queue);
    IssueAtom(*burst);
    ++batch_;
    if (burst->atoms_done == burst->atoms) {
      queue.ports[queue.current_port].pop_front();
      queue.current = nullptr;
      --queue.bursts;
      --pending_;
    }
  }
}

// Returns whether the bus turns.
bool DramChannel::SelectDirection() {
  const unsigned other = direction_ ^ 1;
  const bool turn = queues_[other].bursts != 0 &&
                    (queues_[direction_].bursts == 0 || batch_ >= timing_.direction_batch);
  if (turn) direction_ = other;
  return turn;
}

DramBurst* DramChannel::SelectBurst(Queue& queue) {
  if (queue.current) return queue.current;
  const auto ports = static_cast<unsigned>(queue.ports.size());
  for (unsigned i = 0; i < ports; ++i) {
    const unsigned port = (queue.next_port + i) % ports;
    if (queue.ports[port].empty()) continue;
    queue.next_port = (port + 1) % ports;
    queue.current_port = port;
    queue.current = queue.ports[port].front();
    break;
  }
  return queue.current;
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

// When a column command may be given to `row`, which is opened if it must be.
Picoseconds DramChannel::RowReady(Bank& bank, std::int64_t row, Picoseconds arrival) {
  if (bank.open_row == row) return std::max(arrival, bank.activated + timing_.trcd);
  Picoseconds activate = std::max(arrival, bank.activate_from);
  if (bank.open_row >= 0) {
    activate = std::max(arrival, std::max(bank.precharge_from, bank.activated + timing_.tras)) +
               timing_.trp;
  }
  ++row_misses_;
  bank.open_row = row;
  bank.activated = activate;
  bank.precharge_from = activate + timing_.tras;
  return activate + timing_.trcd;
}

void DramChannel::IssueAtom(DramBurst& burst) {
  // Consecutive atoms go round the bank groups, so that a stream never waits for tCCD_L.
  const std::uint64_t atom = (burst.offset >> atom_shift_) + burst.atoms_done;
  const std::uint64_t group = atom & (timing_.bank_groups - 1);
  const std::uint64_t page = atom >> page_shift_;
  Bank& bank = banks_[group * timing_.banks_per_group + (page & (timing_.banks_per_group - 1))];
  const auto row = static_cast<std::int64_t>(page >> bank_shift_);

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
