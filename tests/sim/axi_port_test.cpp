// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The card's side of an AXI port, driven by masters written here: data, rules, back-pressure,
// errors.
#include "axi_port.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>
#include <set>

namespace narrowgate::sim {
namespace {

constexpr Picoseconds kCycle = 3333;
constexpr unsigned kBeatBytes = 64;
constexpr std::uint64_t kBase = 0x4000000000;

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

DramTiming Timing() {
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

TEST(AxiPort, ReadLatencyInCyclesIsTheChannels) {
  Bench bench;
  std::vector<std::uint8_t> data;
  std::uint8_t response = 9;
  const unsigned cold = bench.Read(kBase, 1, data, &response);
  const unsigned hit =
      bench.Read(kBase + 256, 1, data, &response);  // the same bank group, row open
  EXPECT_EQ(response, 0);
  EXPECT_NEAR(hit, (14160 + 3333 + 56000) / 3333.0, 2);
  EXPECT_NEAR(cold - hit, 14160 / 3333.0, 2);
}

TEST(AxiPort, StreamsOneBeatACycleLessRefresh) {
  Bench bench;
  Wires& w = bench.wires_;
  unsigned bursts = 0, beats = 0, cycles = 0;
  w.rready = w.arvalid = 1;
  w.arlen = 63;
  w.araddr = kBase;
  for (; beats < 16000; ++cycles) {
    bench.Step();
    if (w.arready) w.araddr = kBase + (++bursts % 250) * 4096;
    beats += w.rvalid;
  }
  EXPECT_GT(beats / static_cast<double>(cycles), 0.93);
  EXPECT_LT(beats / static_cast<double>(cycles), 0.96);  // 350 + 14 ns of every 7.8 us are refresh
}

// A random master on both channels; a model of the memory; every rule that a slave can break.
class RandomTraffic : public testing::TestWithParam<double> {};

TEST_P(RandomTraffic, KeepsDataAndRules) {
  const std::uint32_t seed = 12345;
  std::mt19937 random(seed);
  StallOptions stalls;
  stalls.probability = GetParam();
  Bench bench(Timing(), stalls);
  Wires& w = bench.wires_;
  for (std::uint8_t& byte : bench.data_) byte = static_cast<std::uint8_t>(random());
  std::vector<std::uint8_t> model = bench.data_;
  struct Write {
    std::uint64_t offset;
    unsigned beats, sent;
  };
  std::deque<std::pair<std::uint64_t, unsigned>> reads;  // asked for: offset, beats
  std::deque<Write> writes, unanswered;
  std::set<std::uint64_t> busy;  // 4 KiB pages with traffic under way
  unsigned got = 0, done_reads = 0, done_writes = 0;
  // A page is read or written by one burst at a time: AXI orders nothing between the channels.
  const auto pick_page = [&]() -> std::uint64_t {
    for (;;) {
      const std::uint64_t page = random() % 256;
      if (busy.insert(page).second) return page * 4096;
    }
  };
  std::uint64_t ar_offset = 0, aw_offset = 0;
  for (unsigned cycle = 0; (done_reads < 300 || done_writes < 300) && cycle < 400000; ++cycle) {
    if (!w.arvalid && random() % 4 == 0 && busy.size() < 40) {
      const unsigned beats = 1 + random() % 64;
      ar_offset = pick_page() + random() % (65 - beats) * 64;
      w.araddr = kBase + ar_offset;
      w.arlen = static_cast<std::uint8_t>(beats - 1);
      w.arvalid = 1;
    }
    if (!w.awvalid && random() % 4 == 0 && busy.size() < 40) {
      const unsigned beats = 1 + random() % 64;
      aw_offset = pick_page() + random() % (65 - beats) * 64;
      w.awaddr = kBase + aw_offset;
      w.awlen = static_cast<std::uint8_t>(beats - 1);
      w.awvalid = 1;
    }
    if (!w.wvalid && !writes.empty() && random() % 3 != 0) {
      const bool partial = random() % 4 == 0;
      for (std::uint8_t& byte : w.wdata) byte = static_cast<std::uint8_t>(random());
      for (std::uint8_t& byte : w.wstrb)
        byte = partial ? static_cast<std::uint8_t>(random()) : 0xFF;
      w.wlast = writes.front().sent + 1 == writes.front().beats;
      w.wvalid = 1;
    }
    w.rready = random() % 3 != 0;
    w.bready = random() % 3 != 0;
    bench.Step();
    if (w.rvalid && w.rready) {
      ASSERT_FALSE(reads.empty());
      const auto [offset, beats] = reads.front();
      ASSERT_TRUE(std::equal(w.rdata, w.rdata + kBeatBytes,
                             model.begin() + static_cast<long>(offset + got * 64)))
          << "seed " << seed << ", cycle " << cycle;
      ASSERT_EQ(w.rlast, ++got == beats);
      if (got == beats) {
        busy.erase(offset / 4096);
        reads.pop_front();
        got = 0;
        ++done_reads;
      }
    }
    if (w.bvalid && w.bready) {
      ASSERT_FALSE(unanswered.empty()) << "a response before the data";
      busy.erase(unanswered.front().offset / 4096);
      unanswered.pop_front();
      ++done_writes;
    }
    if (w.wvalid && w.wready) {
      Write& write = writes.front();
      for (unsigned i = 0; i < kBeatBytes; ++i) {
        if (w.wstrb[i / 8] >> (i % 8) & 1) model[write.offset + write.sent * 64 + i] = w.wdata[i];
      }
      w.wvalid = 0;
      if (++write.sent == write.beats) {
        unanswered.push_back(write);
        writes.pop_front();
      }
    }
    if (w.arvalid && w.arready) {
      reads.emplace_back(ar_offset, w.arlen + 1u);
      w.arvalid = 0;
    }
    if (w.awvalid && w.awready) {
      writes.push_back({aw_offset, w.awlen + 1u, 0});
      w.awvalid = 0;
    }
  }
  EXPECT_GE(done_reads, 300u);
  EXPECT_GE(done_writes, 300u);
  EXPECT_EQ(bench.data_, model);
  EXPECT_TRUE(bench.log_.empty()) << bench.log_.front();
}

INSTANTIATE_TEST_SUITE_P(Stalls, RandomTraffic, testing::Values(0.0, 0.3, 0.8));

TEST(AxiPort, OvertakesOnlyBetweenDifferentIds) {
  DramTiming timing = Timing();
  timing.reorder_ids = true;
  timing.jitter = 2'000'000;  // enough to disorder everything
  Bench bench(timing);
  Wires& w = bench.wires_;
  std::map<unsigned, std::deque<std::uint64_t>> asked;  // per id
  std::mt19937 random(3);
  for (std::size_t i = 0; i < bench.data_.size(); i += 64)
    std::memcpy(&bench.data_[i], &i, sizeof i);
  std::vector<std::uint64_t> order, arrival;
  std::uint64_t next = 0;
  w.rready = 1;
  while (arrival.size() < 200) {
    if (!w.arvalid && next < 200) {
      w.arid = random() % 2;
      w.araddr = kBase + next * 4096;
      w.arlen = 0;
      w.arvalid = 1;
    }
    bench.Step();
    if (w.rvalid) {
      std::uint64_t offset = 0;
      std::memcpy(&offset, w.rdata, sizeof offset);
      ASSERT_FALSE(asked[w.rid].empty());
      ASSERT_EQ(offset, asked[w.rid].front());
      asked[w.rid].pop_front();
      arrival.push_back(offset);
    }
    if (w.arvalid && w.arready) {
      asked[w.arid].push_back(next * 4096);
      order.push_back(next++ * 4096);
      w.arvalid = 0;
    }
  }
  EXPECT_NE(arrival, order);
}

TEST(AxiPort, RefusesWhatLiesOutsideItsBank) {
  Bench bench;
  std::vector<std::uint8_t> data;
  std::uint8_t response = 0;
  bench.Read(kBase + (1 << 20), 2, data, &response);
  EXPECT_EQ(response, 3);  // DECERR
  bench.Read(kBase - 4096, 1, data, &response);
  EXPECT_EQ(response, 3);
  EXPECT_EQ(data, std::vector<std::uint8_t>(3 * kBeatBytes, 0));
  ASSERT_EQ(bench.log_.size(), 2u);
  EXPECT_NE(bench.log_[0].find("outside its bank"), std::string::npos);
  EXPECT_EQ(bench.port_.stats().errors, 2u);
}

TEST(AxiPort, ReportsBrokenRules) {
  Bench bench;
  std::vector<std::uint8_t> data;
  std::uint8_t response = 0;
  bench.Read(kBase + 4096 - 64, 2, data, &response);
  EXPECT_EQ(response, 2);  // SLVERR
  EXPECT_NE(bench.log_.back().find("crosses a 4 KiB boundary"), std::string::npos);
  bench.Read(kBase + 32, 1, data, &response);
  EXPECT_NE(bench.log_.back().find("not aligned"), std::string::npos);
  bench.wires_.arsize = 5;
  bench.Read(kBase, 1, data, &response);
  EXPECT_NE(bench.log_.back().find("32 bytes a beat"), std::string::npos);
  bench.wires_.arsize = 6;
  bench.wires_.arburst = 2;
  bench.Read(kBase, 1, data, &response);
  EXPECT_NE(bench.log_.back().find("burst of type 2"), std::string::npos);
}

TEST(AxiPort, ReportsAWithdrawnAddress) {
  StallOptions stalls;
  stalls.probability = 0.9;
  Bench bench(Timing(), stalls);
  Wires& w = bench.wires_;
  w.araddr = kBase;
  w.arvalid = 1;
  do {
    bench.Step();
  } while (w.arready);
  w.arvalid = 0;
  bench.Step();
  ASSERT_FALSE(bench.log_.empty());
  EXPECT_NE(bench.log_.back().find("withdrawn"), std::string::npos);
}

}  // namespace
}  // namespace narrowgate::sim
