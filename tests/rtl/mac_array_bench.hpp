// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Drives mac_array.v as a kernel does: words for its FIFOs under random stalls, and every word that
// it gives compared with what is expected. NG_TILE_ROWS and NG_TILE_COLS set both sides.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "Vmac_array_dut.h"
#include "mac_array.hpp"
#include "random_traffic.hpp"

namespace rtl_test {

constexpr int kRows = NG_TILE_ROWS;
constexpr int kAllRows = kMacArrayRows;  // of kNibble calls, and of every word
constexpr int kCols = NG_TILE_COLS;
constexpr int kLanes = NG_PORT_BITS / 32;
constexpr uint32_t kWords =
    kCols * kRows / kLanes;  // output words of a tile, but for those of kNibble calls
constexpr uint32_t kNibbleWords = kCols * kAllRows / kLanes;
#ifdef NG_LANE_GROUPS
constexpr uint32_t kGroups = NG_LANE_GROUPS;  // cycles of a block in the lanes
#else
constexpr uint32_t kGroups = 16;
#endif

template <int kBits>
std::vector<uint32_t> Words(const ap_uint<kBits>& value) {
  std::vector<uint32_t> words((kBits + 31) / 32);
  for (size_t i = 0; i < words.size(); ++i) {
    const int high = std::min<int>(kBits, 32 * (static_cast<int>(i) + 1)) - 1;
    words[i] = static_cast<uint32_t>(ap_uint<32>(value.range(high, 32 * static_cast<int>(i))));
  }
  return words;
}

// The words of a port: Verilator's type of it depends on how many there are.
template <size_t kCount>
WData* WordsOf(VlWide<kCount>& port) {
  return port.data();
}
inline WData* WordsOf(IData& port) { return &port; }
inline WData* WordsOf(QData& port) {
  return reinterpret_cast<WData*>(&port);
}  // of a little-endian machine

// One input port: its words, and the one that comes next.
struct Feed {
  std::vector<std::vector<uint32_t>> words;
  size_t next = 0;
  bool Offers(Random& random, int rate) const { return next < words.size() && random.Chance(rate); }
};

// One call: its operands, and the words that the C++ model gives for them.
struct Call {
  uint32_t k = 0, m_tiles = 0, n_tiles = 0, a_format = 0, b_format = 0, block = 0, exponent = 0;
  Feed a, b, a_zeros, b_zeros, a_scales, b_scales;
  std::vector<uint32_t> expected;  // kLanes values a word

  std::vector<uint32_t> Record() const {
    return {k, m_tiles, n_tiles, a_format, b_format, block, exponent};
  }
};

inline void Append(const Feed& more, Feed& feed) {
  feed.words.insert(feed.words.end(), more.words.begin(), more.words.end());
}

// Calls one after the other, as one run of the array gets them.
struct Queue {
  Feed calls, a, b, a_zeros, b_zeros, a_scales, b_scales;
  std::vector<uint32_t> expected;
  uint64_t limit = 1000;  // of cycles, under the heaviest stalls

  void Add(const Call& call) {
    calls.words.push_back(call.Record());
    Append(call.a, a);
    Append(call.b, b);
    Append(call.a_zeros, a_zeros);
    Append(call.b_zeros, b_zeros);
    Append(call.a_scales, a_scales);
    Append(call.b_scales, b_scales);
    expected.insert(expected.end(), call.expected.begin(), call.expected.end());
    limit += 120ull * call.m_tiles * call.n_tiles * (2 * call.k + 20 * kGroups + kNibbleWords);
  }
};

struct Manners {
  int a_rate = 100, b_rate = 100, scale_rate = 100, c_rate = 100, enable_rate = 100;
};

class MacArrayTest : public ::testing::Test {
 protected:
  MacArrayTest() {
    context_.randReset(2);
    dut_ = std::make_unique<Vmac_array_dut>(&context_);
    dut_->ap_clk = 0;
    dut_->ap_ce = 1;
    dut_->ap_start = 0;
    dut_->ap_continue = 0;
    dut_->call_empty_n = 0;
    dut_->a_empty_n = 0;
    dut_->b_empty_n = 0;
    dut_->a_zeros_empty_n = 0;
    dut_->b_zeros_empty_n = 0;
    dut_->a_scales_empty_n = 0;
    dut_->b_scales_empty_n = 0;
    dut_->c_full_n = 0;
    dut_->ap_rst = 1;
    Edge();
    Edge();
    dut_->ap_rst = 0;
  }

  ~MacArrayTest() override { dut_->final(); }

  void Edge() {
    dut_->ap_clk = 1;
    dut_->eval();
    dut_->ap_clk = 0;
    dut_->eval();
  }

  // Runs one call.
  uint64_t Run(Random& random, const Call& call, const Manners& manners) {
    Queue queue;
    queue.Add(call);
    return Run(random, queue, manners);
  }

  // Runs calls by the rules of ap_ctrl_chain and compares every word; gives the cycles from
  // ap_start to ap_done.
  uint64_t Run(Random& random, Queue call, const Manners& manners) {
    size_t c_next = 0;
    dut_->calls = static_cast<uint32_t>(call.calls.words.size());
    dut_->ap_start = 1;
    dut_->ap_continue = 0;
    for (uint64_t cycle = 1; cycle < call.limit; ++cycle) {
      dut_->ap_ce = random.Chance(manners.enable_rate);
      dut_->call_empty_n = Offer(random, call.calls, manners.scale_rate, WordsOf(dut_->call_dout));
      dut_->a_empty_n = Offer(random, call.a, manners.a_rate, WordsOf(dut_->a_dout));
      dut_->b_empty_n = Offer(random, call.b, manners.b_rate, WordsOf(dut_->b_dout));
      dut_->a_zeros_empty_n =
          Offer(random, call.a_zeros, manners.scale_rate, WordsOf(dut_->a_zeros_dout));
      dut_->b_zeros_empty_n =
          Offer(random, call.b_zeros, manners.scale_rate, WordsOf(dut_->b_zeros_dout));
      dut_->a_scales_empty_n =
          Offer(random, call.a_scales, manners.scale_rate, WordsOf(dut_->a_scales_dout));
      dut_->b_scales_empty_n =
          Offer(random, call.b_scales, manners.scale_rate, WordsOf(dut_->b_scales_dout));
      dut_->c_full_n = random.Chance(manners.c_rate);
      dut_->eval();
      EXPECT_FALSE(dut_->ap_idle);
      Take(call.calls, dut_->call_read, dut_->call_empty_n);
      Take(call.a, dut_->a_read, dut_->a_empty_n);
      Take(call.b, dut_->b_read, dut_->b_empty_n);
      Take(call.a_zeros, dut_->a_zeros_read, dut_->a_zeros_empty_n);
      Take(call.b_zeros, dut_->b_zeros_read, dut_->b_zeros_empty_n);
      Take(call.a_scales, dut_->a_scales_read, dut_->a_scales_empty_n);
      Take(call.b_scales, dut_->b_scales_read, dut_->b_scales_empty_n);
      EXPECT_TRUE(dut_->c_full_n || !dut_->c_write);
      if (dut_->c_write) {
        for (int lane = 0; lane < kLanes; ++lane, ++c_next) {
          if (c_next >= call.expected.size() || dut_->c_din[lane] != call.expected[c_next]) {
            ADD_FAILURE() << "value " << c_next << " of " << call.expected.size() << std::hex
                          << ": 0x" << dut_->c_din[lane] << " instead of 0x"
                          << (c_next < call.expected.size() ? call.expected[c_next] : 0);
            return 0;
          }
        }
      }
      const bool ready = dut_->ap_ready && dut_->ap_ce;
      const bool done = dut_->ap_done;
      Edge();
      if (ready) dut_->ap_start = 0;
      if (done && ready) {
        EXPECT_EQ(c_next, call.expected.size());
        EXPECT_EQ(call.calls.next, call.calls.words.size());
        EXPECT_EQ(call.a.next, call.a.words.size());
        EXPECT_EQ(call.b_scales.next, call.b_scales.words.size());
        EXPECT_EQ(call.b_zeros.next, call.b_zeros.words.size());
        Finish();
        return cycle;
      }
    }
    ADD_FAILURE() << "no ap_done, " << c_next << " of " << call.expected.size() << " values";
    return 0;
  }

  static bool Offer(Random& random, const Feed& feed, int rate, WData* port) {
    if (!feed.Offers(random, rate)) return false;
    std::memcpy(port, feed.words[feed.next].data(), 4 * feed.words[feed.next].size());
    return true;
  }

  static void Take(Feed& feed, bool read, bool offered) {
    EXPECT_TRUE(offered || !read);
    feed.next += read;
  }

  // ap_done holds until ap_continue, and no new run starts before it.
  void Finish() {
    dut_->ap_ce = 1;
    for (int i = 0; i < 3; ++i) {
      dut_->eval();
      EXPECT_TRUE(dut_->ap_done);
      EXPECT_FALSE(dut_->ap_ready);
      Edge();
    }
    dut_->ap_continue = 1;
    Edge();
    dut_->ap_continue = 0;
    dut_->eval();
    EXPECT_FALSE(dut_->ap_done);
    EXPECT_TRUE(dut_->ap_idle);
  }

  VerilatedContext context_;
  std::unique_ptr<Vmac_array_dut> dut_;
};

}  // namespace rtl_test
