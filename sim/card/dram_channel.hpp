// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Timing of one memory channel: banks with open rows, one data bus with turn-around, all-bank
// refresh, and a controller that reorders. It moves no data.
//
// The interconnect hands the ports' bursts to the controller in turn, one each. The controller
// keeps a window of `reorder_window` bursts per direction, groups reads and writes, and takes from
// the window (first ready, first come first served): a burst that has been passed over
// `reorder_age_limit` times; else the oldest whose row is open; else the one whose row can be open
// first. Without `reorder_in_group` there is a queue per bank group: bursts that share a group keep
// their order. A window of 1 is a controller that serves strictly in turn.
//
// The controller looks ahead: a burst's row may be opened as soon as the burst is known, while
// earlier bursts still use the bus.
//
// Hazards: a burst that overlaps an earlier one, one of the two being a write, enters the window
// only when the earlier one has been served; what follows it on its port and direction waits too.
#pragma once

#include <cstddef>
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
  std::uint32_t groups = 0;     ///< bank groups that it touches, one bit each
  unsigned passed_over = 0;     ///< younger bursts served before it
  unsigned blockers = 0;        ///< earlier bursts that it must not overtake
  bool blocks = false;          ///< some burst waits for this one
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
  /// Bursts served before an older one of the same direction.
  std::uint64_t reordered() const { return reordered_; }

 private:
  struct Bank {
    std::int64_t open_row = -1;
    Picoseconds activated = 0;
    Picoseconds precharge_from = 0;  // earliest precharge after the accesses so far
    Picoseconds activate_from = 0;   // earliest activation when closed
  };
  struct Queue {
    std::vector<std::deque<DramBurst*>> ports;  // not yet in the window
    unsigned next_port = 0;
    std::vector<DramBurst*> window;  // oldest first
    DramBurst* current = nullptr;    // being served, out of the window
    unsigned bursts = 0;             // all of them
    unsigned blocked = 0;            // of those in `ports`
  };
  struct Place {
    std::size_t group;
    std::size_t bank;
    std::int64_t row;
  };

  void Schedule(Picoseconds now);
  bool SelectDirection();
  std::uint32_t GroupsOf(const DramBurst& burst) const;
  static bool HasWork(const Queue& queue);
  static DramBurst* NextOfPorts(Queue& queue);
  DramBurst* SelectBurst(Queue& queue);
  std::size_t FirstReady(const std::vector<DramBurst*>& window) const;
  void Finish(DramBurst& burst);
  void FindBlockers(DramBurst& burst);
  void Unblock(const DramBurst& burst);
  void Refresh();
  void IssueAtom(DramBurst& burst);
  Place Locate(std::uint64_t atom) const;
  Picoseconds ActivationTime(const Bank& bank, Picoseconds arrival) const;
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
  std::uint64_t reordered_ = 0;
  std::minstd_rand jitter_;
};

}  // namespace narrowgate::sim
