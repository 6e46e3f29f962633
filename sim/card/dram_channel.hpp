// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Timing of one memory channel: banks with open rows, one data bus with turn-around, all-bank
// refresh, and a controller that serves its ports in turn, one burst each, and groups reads and
// writes. It moves no data.
//
// The controller looks ahead: a burst's row may be opened as soon as the burst is known, while
// earlier bursts still use the bus. Bursts of one port and direction are served in their order (no
// first-ready reordering).
#pragma once

#include <deque>
#include <random>
#include <vector>

#include "card_spec.hpp"

namespace narrowgate::sim {

/// A burst under way. The port owns it; the channel fills in when each beat is there.
struct DramBurst {
  std::uint64_t offset = 0;  ///< byte offset in the bank
  unsigned bytes = 0;        ///< whole beats
  unsigned beat_bytes = 1;
  bool write = false;
  Picoseconds arrival = 0;

  unsigned atoms = 0;           ///< set by Push
  unsigned atoms_done = 0;      ///< scheduled so far
  unsigned beats_done = 0;      ///< beats whose time is known
  Picoseconds extra = 0;        ///< this burst's jitter
  Picoseconds ready[256] = {};  ///< read: when beat i can be handed over; write: [0] = response
};

class DramChannel {
 public:
  DramChannel(const DramTiming& timing, unsigned ports);

  /// Starts again at time 0 with closed rows, the first refresh due one tREFI later.
  void Reset();

  /// Hands over a burst; it must stay where it is until its last beat's time is known.
  void Push(unsigned port, DramBurst* burst);

  /// Schedules every access whose command is due by `now`.
  void Advance(Picoseconds now) {
    if (pending_ != 0) Schedule(now);
  }

  bool idle() const { return pending_ == 0; }
  std::uint64_t refreshes() const { return refreshes_; }
  std::uint64_t row_misses() const { return row_misses_; }

 private:
  struct Bank {
    std::int64_t open_row = -1;
    Picoseconds activated = 0;
    Picoseconds precharge_from = 0;  // earliest precharge after the accesses so far
    Picoseconds activate_from = 0;   // earliest activation when closed
  };
  struct Queue {
    std::vector<std::deque<DramBurst*>> ports;
    unsigned next_port = 0;
    unsigned bursts = 0;
    DramBurst* current = nullptr;
    unsigned current_port = 0;
  };

  void Schedule(Picoseconds now);
  bool SelectDirection();
  DramBurst* SelectBurst(Queue& queue);
  void Refresh();
  void IssueAtom(DramBurst& burst);
  Picoseconds RowReady(Bank& bank, std::int64_t row, Picoseconds arrival);
  void NoteAtom(DramBurst& burst, Picoseconds data_end);

  const DramTiming timing_;
  const int atom_shift_, page_shift_, bank_shift_;  // divisions by powers of two
  std::vector<Bank> banks_;
  std::vector<Picoseconds> group_next_;  // earliest next data of each bank group
  Queue queues_[2];                      // reads, writes
  unsigned direction_ = 0;
  unsigned batch_ = 0;
  unsigned pending_ = 0;
  Picoseconds bus_free_ = 0;
  Picoseconds last_write_end_ = 0;
  Picoseconds last_read_end_ = 0;
  Picoseconds next_refresh_ = 0;
  std::uint64_t refreshes_ = 0;
  std::uint64_t row_misses_ = 0;
  std::minstd_rand jitter_;
};

}  // namespace narrowgate::sim
