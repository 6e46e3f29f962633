// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The card's side of one AXI4 master of the kernel: accepts bursts, has a DramChannel time them,
// moves the data. Once per clock cycle, before the rising edge: Step() looks at the kernel's
// outputs of this cycle, decides on the inputs of this cycle, and carries out the handshakes that
// the edge will complete.
//
// The channel may serve bursts in any order. Answers of one ID are given in the order of the
// addresses; with `reorder_ids`, answers of different IDs in the order in which the memory has
// them, reads beat by beat. A read returns what the memory held when its address was accepted.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "dram_channel.hpp"
#include "kernel_model.hpp"

namespace narrowgate::sim {

/// A bank's memory as the simulator sees it.
struct BankMemory {
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;
  std::uint8_t* data = nullptr;
};

/// Random back-pressure: each channel stalls in a cycle with this probability.
struct StallOptions {
  double probability = 0;
  std::uint32_t seed = 1;
};

struct AxiPortStats {
  std::uint64_t beats_read = 0;
  std::uint64_t beats_written = 0;
  std::uint64_t errors = 0;  ///< bursts answered with DECERR or SLVERR
};

class AxiPort {
 public:
  using Log = std::function<void(const std::string&)>;

  /// `channel` and `memory` belong to the bank that this bundle is connected to; `index` numbers
  /// the port there.
  AxiPort(const AxiSignals& signals, const DramTiming& timing, DramChannel& channel, unsigned index,
          BankMemory memory, const StallOptions& stalls, Log log);

  void Step(Picoseconds now) {
    if (signals_.reads && (!reads_rest_ || signals_.arvalid.Test())) StepRead(now);
    if (signals_.writes && (!writes_rest_ || signals_.awvalid.Test() || signals_.wvalid.Test()))
      StepWrite(now);
  }

  /// Nothing accepted that has not been answered.
  bool idle() const { return reads_.empty() && writes_.empty(); }
  void Reset();
  const AxiPortStats& stats() const { return stats_; }

 private:
  enum Response : std::uint8_t { kOkay = 0, kSlaveError = 2, kDecodeError = 3 };

  struct Burst {
    DramBurst dram;
    std::uint64_t id = 0;
    unsigned beats = 0;
    unsigned moved = 0;     // beats handed over (read) or taken (write)
    bool complete = false;  // write: all data taken
    bool first = false;     // of its ID: may be answered
    Response response = kOkay;
    std::vector<std::uint8_t> snapshot;  // read: its data before a later write changed them
  };
  using Bursts = std::deque<std::unique_ptr<Burst>>;

  void StepRead(Picoseconds now);
  void StepWrite(Picoseconds now);
  void AcceptAddress(bool write, Picoseconds now);
  Response CheckBurst(bool write, std::uint64_t address, unsigned beats);
  Burst* NextRead(Picoseconds now);
  void PresentBeat(Burst& burst);
  void KeepOldData(std::uint64_t offset);
  void TakeBeat(Picoseconds now);
  Burst* NextWriteResponse(Picoseconds now);
  void CheckStable(bool write);
  bool Stall();
  void Report(const std::string& what);
  bool SameOrder(const Burst& a, const Burst& b) const;
  void Enter(Bursts& bursts, std::unique_ptr<Burst> burst);
  void Retire(Bursts& bursts, const Burst* burst);
  std::unique_ptr<Burst> NewBurst();

  const AxiSignals signals_;
  const DramTiming timing_;
  DramChannel& channel_;
  const unsigned index_;
  const BankMemory memory_;
  const std::uint32_t stall_threshold_;  // of 2^32
  const std::uint32_t stall_seed_;
  Log log_;

  Bursts reads_;
  Bursts writes_;
  std::vector<std::unique_ptr<Burst>> spare_;
  Burst* reading_ = nullptr;     // burst whose beats are being handed over
  bool r_valid_ = false;         // what the kernel sees now
  Burst* responding_ = nullptr;  // write response on the bus
  unsigned writes_without_data_ = 0;
  unsigned write_beats_waiting_ = 0;
  // Address held without ready, to check that the kernel keeps it.
  struct Held {
    bool active = false;
    std::uint64_t address = 0;
    std::uint64_t length = 0;
  } held_[2];
  // Nothing is under way and the kernel sees so: until it sends something, nothing changes.
  bool reads_rest_ = false;
  bool writes_rest_ = false;
  AxiPortStats stats_;
  std::mt19937 random_;
  unsigned reports_ = 0;
};

}  // namespace narrowgate::sim
