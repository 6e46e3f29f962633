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

#include "axi_port_bench.hpp"

namespace narrowgate::sim {
namespace {

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
