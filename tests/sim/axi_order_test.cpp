// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The order of an AXI port's answers when the memory reorders: per ID, between IDs, and the data of
// accesses that overlap.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <iterator>
#include <map>
#include <random>
#include <vector>

#include "axi_port_bench.hpp"

namespace narrowgate::sim {
namespace {

// Cycles of 64 single-beat reads, every other one of a second row of the same bank, and the order
// of the answers.
unsigned AlternateRows(const DramTiming& timing, unsigned ids, std::vector<unsigned>& order) {
  Bench bench(timing);
  Wires& w = bench.wires_;
  for (std::uint32_t i = 0; i < bench.data_.size(); i += kBeatBytes)
    std::memcpy(&bench.data_[i], &i, sizeof i);
  unsigned next = 0, cycles = 0;
  w.rready = 1;
  w.arlen = 0;
  for (; order.size() < 64 && cycles < 10000; ++cycles) {
    w.arvalid = next < 64;
    w.arid = static_cast<std::uint8_t>(next % ids);
    const unsigned offset =
        next % 2 * 512 * 1024 + next * 256;  // rows of 4 groups x 4 banks x 8 KiB
    w.araddr = kBase + offset;
    bench.Step();
    if (w.rvalid) {
      std::uint32_t from = 0;
      std::memcpy(&from, w.rdata, sizeof from);
      order.push_back(from % (512 * 1024) / 256);
    }
    next += w.arvalid && w.arready;
  }
  return cycles;
}

TEST(AxiOrder, MemoryIsReorderedButOneIdAnsweredInOrder) {
  DramTiming timing = Timing();
  std::vector<unsigned> in_turn, reordered;
  const unsigned slow = AlternateRows(timing, 1, in_turn);
  timing.reorder_window = 16;
  timing.reorder_ids = true;
  const unsigned fast = AlternateRows(timing, 1, reordered);
  EXPECT_LT(2 * fast, slow);  // the rows were read one after the other
  EXPECT_EQ(in_turn, reordered);
  EXPECT_TRUE(std::is_sorted(reordered.begin(), reordered.end()));
}

TEST(AxiOrder, DifferentIdsAreAnsweredAsTheMemoryServesThem) {
  DramTiming timing = Timing();
  timing.reorder_window = 16;
  std::vector<unsigned> strict, free;
  AlternateRows(timing, 2, strict);  // the port keeps the order although the memory does not
  EXPECT_TRUE(std::is_sorted(strict.begin(), strict.end()));
  timing.reorder_ids = true;
  AlternateRows(timing, 2, free);
  ASSERT_EQ(free.size(), 64u);
  EXPECT_FALSE(std::is_sorted(free.begin(), free.end()));
  for (const unsigned id : {0u, 1u}) {
    std::vector<unsigned> of_id;
    std::copy_if(free.begin(), free.end(), std::back_inserter(of_id),
                 [&](unsigned i) { return i % 2 == id; });
    EXPECT_TRUE(std::is_sorted(of_id.begin(), of_id.end()));
  }
}

// A master with several IDs that reads and writes the same few pages at random, against a plain
// model: a write is in memory when its beat is taken, a read returns what memory held when its
// address was taken, answers of one ID keep their order.
struct Reorder {
  unsigned window;
  bool ids;
  double stalls;
};

class ReorderedTraffic : public testing::TestWithParam<Reorder> {
 protected:
  struct Read {
    std::vector<std::uint8_t> data;
    unsigned beats = 0, got = 0;
  };
  struct Write {
    std::uint64_t offset;
    unsigned beats, sent, id;
  };

  void Drive(Wires& w) {
    for (const bool write : {false, true}) {
      std::uint8_t& valid = write ? w.awvalid : w.arvalid;
      if (valid || random_() % 4 != 0 || (write && writes_.size() > 3)) continue;
      const unsigned beats = 1 + random_() % (random_() % 3 == 0 ? 64 : 4);
      const std::uint64_t page = random_() % 3 * 512 * 1024 / 2 + random_() % 2 * 4096;
      (write ? w.awaddr : w.araddr) = kBase + page + random_() % (65 - beats) * kBeatBytes;
      (write ? w.awlen : w.arlen) = static_cast<std::uint8_t>(beats - 1);
      (write ? w.awid : w.arid) = random_() % 4;
      valid = 1;
    }
    if (!w.wvalid && !writes_.empty() && random_() % 3 != 0) {
      for (std::uint8_t& byte : w.wdata) byte = static_cast<std::uint8_t>(random_());
      for (std::uint8_t& byte : w.wstrb) byte = random_() % 2 ? 0xFF : random_() & 0xFF;
      w.wlast = writes_.front().sent + 1 == writes_.front().beats;
      w.wvalid = 1;
    }
    w.rready = random_() % 4 != 0;
    w.bready = random_() % 4 != 0;
  }

  void TakeAnswers(Wires& w) {
    if (w.rvalid && w.rready) {
      ASSERT_FALSE(reads_[w.rid].empty());
      Read& read = reads_[w.rid].front();
      ASSERT_TRUE(std::equal(w.rdata, w.rdata + kBeatBytes, &read.data[read.got * kBeatBytes]));
      ASSERT_EQ(w.rlast, ++read.got == read.beats);
      if (w.rlast) reads_[w.rid].pop_front();
      interleaved_ += w.rid != last_id_ && mid_burst_;
      mid_burst_ = !w.rlast;
      last_id_ = w.rid;
      done_ += w.rlast;
    }
    if (w.bvalid && w.bready) {
      ASSERT_GT(unanswered_[w.bid], 0u) << "a response before the data";
      --unanswered_[w.bid];
      ++done_;
    }
  }

  void TakeRequests(Wires& w) {
    if (w.arvalid && w.arready) {  // before the writes of this cycle
      Read read;
      const auto begin = model_.begin() + static_cast<long>(w.araddr - kBase);
      read.beats = w.arlen + 1u;
      read.data.assign(begin, begin + read.beats * kBeatBytes);
      reads_[w.arid].push_back(read);
      w.arvalid = 0;
    }
    if (w.wvalid && w.wready) {
      Write& write = writes_.front();
      for (unsigned i = 0; i < kBeatBytes; ++i) {
        if (w.wstrb[i / 8] >> (i % 8) & 1)
          model_[write.offset + write.sent * kBeatBytes + i] = w.wdata[i];
      }
      w.wvalid = 0;
      if (++write.sent == write.beats) {
        ++unanswered_[write.id];
        writes_.pop_front();
      }
    }
    if (w.awvalid && w.awready) {
      writes_.push_back({w.awaddr - kBase, w.awlen + 1u, 0, w.awid});
      w.awvalid = 0;
    }
  }

  std::mt19937 random_{4711};
  std::vector<std::uint8_t> model_;
  std::map<unsigned, std::deque<Read>> reads_;
  std::map<unsigned, unsigned> unanswered_;
  std::deque<Write> writes_;
  unsigned done_ = 0, interleaved_ = 0, last_id_ = 0;
  bool mid_burst_ = false;
};

TEST_P(ReorderedTraffic, MatchesAPlainMemory) {
  DramTiming timing = Timing();
  timing.reorder_window = GetParam().window;
  timing.reorder_ids = GetParam().ids;
  StallOptions stalls;
  stalls.probability = GetParam().stalls;
  Bench bench(timing, stalls);
  for (std::uint8_t& byte : bench.data_) byte = static_cast<std::uint8_t>(random_());
  model_ = bench.data_;
  unsigned cycle = 0;
  for (; done_ < 2000 && cycle < 400000 && !HasFatalFailure(); ++cycle) {
    Drive(bench.wires_);
    bench.Step();
    TakeAnswers(bench.wires_);
    TakeRequests(bench.wires_);
  }
  EXPECT_GE(done_, 2000u) << "cycle " << cycle << ", seed 4711";
  EXPECT_EQ(bench.data_, model_);
  EXPECT_TRUE(bench.log_.empty()) << bench.log_.front();
  EXPECT_EQ(bench.channel_.reordered() > 50, GetParam().window > 1);
  if (!GetParam().ids) {
    EXPECT_EQ(interleaved_, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Windows, ReorderedTraffic,
                         testing::Values(Reorder{1, false, 0}, Reorder{1, true, 0.3},
                                         Reorder{16, false, 0}, Reorder{16, true, 0},
                                         Reorder{16, true, 0.5}, Reorder{4, true, 0.3}));

}  // namespace
}  // namespace narrowgate::sim
