// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// An AXI port of the card with its memory channel, wired to variables that a test drives.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "axi_port.hpp"

namespace narrowgate::sim {

inline constexpr Picoseconds kCycle = 3333;
inline constexpr unsigned kBeatBytes = 64;
inline constexpr std::uint64_t kBase = 0x4000000000;

// The kernel's port variables.
struct Wires {
  std::uint8_t awvalid = 0, awlen = 0, awid = 0, awsize = 6, awburst = 1, wvalid = 0, wlast = 0,
               bready = 0;
  std::uint8_t arvalid = 0, arlen = 0, arid = 0, arsize = 6, arburst = 1, rready = 0;
  std::uint64_t awaddr = 0, araddr = 0;
  std::uint8_t wdata[kBeatBytes] = {}, wstrb[kBeatBytes / 8] = {}, rdata[kBeatBytes] = {};
  std::uint8_t awready = 0, wready = 0, bvalid = 0, bid = 0, bresp = 0;
  std::uint8_t arready = 0, rvalid = 0, rid = 0, rresp = 0, rlast = 0;

  AxiSignals Signals() {
    AxiSignals s;
    s.bundle = "gmem";
    s.data_bytes = kBeatBytes;
    s.reads = s.writes = true;
    for (auto [signal, variable] : std::initializer_list<std::pair<Signal*, std::uint8_t*>>{
             {&s.awvalid, &awvalid}, {&s.awlen, &awlen},     {&s.awid, &awid},
             {&s.awsize, &awsize},   {&s.awburst, &awburst}, {&s.wvalid, &wvalid},
             {&s.wlast, &wlast},     {&s.bready, &bready},   {&s.arvalid, &arvalid},
             {&s.arlen, &arlen},     {&s.arid, &arid},       {&s.arsize, &arsize},
             {&s.arburst, &arburst}, {&s.rready, &rready},   {&s.awready, &awready},
             {&s.wready, &wready},   {&s.bvalid, &bvalid},   {&s.bid, &bid},
             {&s.bresp, &bresp},     {&s.arready, &arready}, {&s.rvalid, &rvalid},
             {&s.rid, &rid},         {&s.rresp, &rresp},     {&s.rlast, &rlast}}) {
      *signal = MakeSignal(*variable);
    }
    s.awaddr = MakeSignal(awaddr);
    s.araddr = MakeSignal(araddr);
    s.wdata = MakeSignal(wdata);
    s.wstrb = MakeSignal(wstrb);
    s.rdata = MakeSignal(rdata);
    return s;
  }
};

inline DramTiming Timing() {
  DramTiming t;
  t.atom_bytes = 64;
  t.atom = 3333;
  t.row_bytes = 8192;
  t.cl = t.trcd = t.trp = 14160;
  t.cwl = 10000;
  t.tras = 32000;
  t.trtp = 7500;
  t.twr = 15000;
  t.tccd_l = 5000;
  t.twtr = 7500;
  t.trtw = 6670;
  t.trefi = 7'800'000;
  t.trfc = 350'000;
  t.read_overhead = t.write_overhead = 56000;
  return t;
}

class Bench {
 public:
  explicit Bench(const DramTiming& timing = Timing(), const StallOptions& stalls = {})
      : channel_(timing, 1),
        data_(1 << 20),
        port_(wires_.Signals(), timing, channel_, 0, {kBase, data_.size(), data_.data()}, stalls,
              [this](const std::string& line) { log_.push_back(line); }) {}

  // One cycle: the kernel's outputs must be set; returns with the inputs of this cycle decided.
  void Step() {
    const bool r_was_waiting = r_waiting_, b_was_waiting = b_waiting_;
    const std::vector<std::uint8_t> data(wires_.rdata, wires_.rdata + kBeatBytes);
    port_.Step(now_);
    channel_.Advance(now_);
    now_ += kCycle;
    if (r_was_waiting) {  // valid and its payload hold until taken
      EXPECT_EQ(wires_.rvalid, 1);
      EXPECT_TRUE(std::equal(data.begin(), data.end(), wires_.rdata));
    }
    if (b_was_waiting) {
      EXPECT_EQ(wires_.bvalid, 1);
    }
    r_waiting_ = wires_.rvalid && !wires_.rready;
    b_waiting_ = wires_.bvalid && !wires_.bready;
  }

  // Reads one burst; returns the cycles it took and puts the data behind `to`.
  unsigned Read(std::uint64_t address, unsigned beats, std::vector<std::uint8_t>& to,
                std::uint8_t* response) {
    unsigned cycles = 0, got = 0;
    wires_.araddr = address;
    wires_.arlen = static_cast<std::uint8_t>(beats - 1);
    wires_.arvalid = 1;
    wires_.rready = 1;
    while (got < beats && cycles < 10000) {
      Step();
      ++cycles;
      if (wires_.arready) wires_.arvalid = 0;
      if (!wires_.rvalid) continue;
      to.insert(to.end(), wires_.rdata, wires_.rdata + kBeatBytes);
      *response = wires_.rresp;
      EXPECT_EQ(wires_.rlast, ++got == beats);
    }
    EXPECT_EQ(got, beats);
    return cycles;
  }

  Wires wires_;
  DramChannel channel_;
  std::vector<std::uint8_t> data_;
  std::vector<std::string> log_;
  AxiPort port_;
  Picoseconds now_ = 0;
  bool r_waiting_ = false, b_waiting_ = false;
};

}  // namespace narrowgate::sim
