// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// mac_array.v against its C++ model, word for word. Built once per geometry: NG_TILE_ROWS and
// NG_TILE_COLS set both sides.
#include "mac_array.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "Vmac_array_dut.h"
#include "random_traffic.hpp"

namespace {

using rtl_test::Random;

constexpr int kRows = NG_TILE_ROWS;
constexpr int kCols = NG_TILE_COLS;
constexpr int kLanes = NG_PORT_BITS / 32;
constexpr uint32_t kWords = kCols * kRows / kLanes;  // output words of a tile

enum class Codes { kRandom, kAllLowest, kExtremes };

// One call of the function: its operands, and the words that the C++ model gives for them.
struct Call {
  uint32_t k, m_tiles, n_tiles;
  std::vector<std::vector<int8_t>> a, b;  // one vector a step
  std::vector<uint32_t> expected;         // kLanes values a word
};

Call MakeCall(Random& random, uint32_t k, uint32_t tiles, Codes codes) {
  const uint32_t n_tiles = tiles % 3 == 0 ? 3 : tiles % 2 == 0 ? 2 : 1;
  Call call{k, tiles / n_tiles, n_tiles, {}, {}, {}};
  hls::stream<ap_uint<8 * kRows>> a("a");
  hls::stream<ap_uint<8 * kCols>> b("b");
  hls::stream<ap_uint<NG_PORT_BITS>> c("c");
  const auto code = [&]() -> int8_t {
    if (codes == Codes::kAllLowest) return -128;
    if (codes == Codes::kExtremes) return random.Chance(50) ? -128 : 127;
    return static_cast<int8_t>(random.Bits());
  };
  for (uint32_t step = 0; step < k * tiles; ++step) {
    std::vector<int8_t> a_step(kRows), b_step(kCols);
    ap_uint<8 * kRows> a_word = 0;
    ap_uint<8 * kCols> b_word = 0;
    for (int row = 0; row < kRows; ++row) {
      a_step[row] = code();
      a_word.range(8 * row + 7, 8 * row) = static_cast<uint8_t>(a_step[row]);
    }
    for (int col = 0; col < kCols; ++col) {
      b_step[col] = code();
      b_word.range(8 * col + 7, 8 * col) = static_cast<uint8_t>(b_step[col]);
    }
    a.write(a_word);
    b.write(b_word);
    call.a.push_back(a_step);
    call.b.push_back(b_step);
  }
  mac_array(a, b, c, k, call.m_tiles, call.n_tiles);
  while (!c.empty()) {
    const ap_uint<NG_PORT_BITS> word = c.read();
    for (int lane = 0; lane < kLanes; ++lane) {
      call.expected.push_back(
          static_cast<uint32_t>(ap_uint<32>(word.range(32 * lane + 31, 32 * lane))));
    }
  }
  return call;
}

struct Manners {
  int a_rate = 100, b_rate = 100, c_rate = 100, enable_rate = 100;
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
    dut_->a_empty_n = 0;
    dut_->b_empty_n = 0;
    dut_->c_full_n = 0;
    dut_->ap_rst = 1;
    Edge();
    Edge();
    dut_->ap_rst = 0;
  }

  void Edge() {
    dut_->ap_clk = 1;
    dut_->eval();
    dut_->ap_clk = 0;
    dut_->eval();
  }

  // Runs one call by the rules of ap_ctrl_chain and compares every word; gives the cycles from
  // ap_start to ap_done.
  uint64_t Run(Random& random, const Call& call, const Manners& manners) {
    size_t a_next = 0, b_next = 0, c_next = 0;
    dut_->k = call.k;
    dut_->m_tiles = call.m_tiles;
    dut_->n_tiles = call.n_tiles;
    dut_->ap_start = 1;
    dut_->ap_continue = 0;
    const uint64_t limit = 100 + 60ull * call.m_tiles * call.n_tiles * (call.k + kWords);
    for (uint64_t cycle = 1; cycle < limit; ++cycle) {
      dut_->ap_ce = random.Chance(manners.enable_rate);
      dut_->a_empty_n = a_next < call.a.size() && random.Chance(manners.a_rate);
      dut_->b_empty_n = b_next < call.b.size() && random.Chance(manners.b_rate);
      dut_->c_full_n = random.Chance(manners.c_rate);
      if (dut_->a_empty_n) std::memcpy(dut_->a_dout.data(), call.a[a_next].data(), kRows);
      if (dut_->b_empty_n) std::memcpy(dut_->b_dout.data(), call.b[b_next].data(), kCols);
      dut_->eval();
      EXPECT_FALSE(dut_->ap_idle);
      EXPECT_TRUE(dut_->a_empty_n || !dut_->a_read);
      EXPECT_TRUE(dut_->b_empty_n || !dut_->b_read);
      EXPECT_TRUE(dut_->c_full_n || !dut_->c_write);
      a_next += dut_->a_read;
      b_next += dut_->b_read;
      if (dut_->c_write) {
        for (int lane = 0; lane < kLanes; ++lane, ++c_next) {
          if (c_next >= call.expected.size() || dut_->c_din[lane] != call.expected[c_next]) {
            ADD_FAILURE() << "value " << c_next << " of " << call.expected.size();
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
        EXPECT_EQ(a_next, call.a.size());
        Finish();
        return cycle;
      }
    }
    ADD_FAILURE() << "no ap_done, " << c_next << " of " << call.expected.size() << " values";
    return 0;
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

TEST_F(MacArrayTest, EqualsTheModelUnderRandomStalls) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(rtl_test::SeedNote(seed));
    Random random(seed);
    const auto k =
        static_cast<uint32_t>(random.Chance(30) ? random.Between(1, 4) : random.Between(1, 150));
    const auto tiles = static_cast<uint32_t>(random.Between(1, 6));
    const auto rate = [&random] {
      return random.Chance(30) ? 100 : static_cast<int>(random.Between(10, 100));
    };
    const Manners manners{rate(), rate(), rate(), random.Chance(50) ? 100 : 70};
    const Codes codes = random.Chance(30) ? Codes::kExtremes : Codes::kRandom;
    Run(random, MakeCall(random, k, tiles, codes), manners);
    if (HasFailure()) return;
  }
}

TEST_F(MacArrayTest, LowestCodesAreExact) {
  Random random(1);
  const Call call = MakeCall(random, 300, 2, Codes::kAllLowest);
  ASSERT_EQ(call.expected.front(), 300u * 128u * 128u);
  Run(random, call, {});
}

TEST_F(MacArrayTest, OneStepTilesAreLimitedByTheDrainOnly) {
  Random random(2);
  const uint64_t cycles = Run(random, MakeCall(random, 1, 20, Codes::kRandom), {});
  EXPECT_LE(cycles, 20 * kWords + 8);
}

TEST_F(MacArrayTest, TilesFollowOneAnotherWithoutAPause) {
  Random random(3);
  EXPECT_EQ(Run(random, MakeCall(random, 512, 16, Codes::kRandom), {}), 512 * 16 + kWords + 5);
  EXPECT_EQ(Run(random, MakeCall(random, kWords, 30, Codes::kRandom), {}), kWords * 31 + 5);
}

}  // namespace
