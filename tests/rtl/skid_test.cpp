// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <deque>

#include "Vskid_96.h"
#include "random_traffic.hpp"

namespace {

using rtl_test::Bench;
using rtl_test::IsPayload;
using rtl_test::Random;
using rtl_test::SetPayload;

constexpr int kWidth = 96;

TEST(Skid, KeepsOrderAndHoldsItsOutputUnderRandomStalls) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(rtl_test::SeedNote(seed));
    Random random(seed);
    Bench<Vskid_96> dut(seed);
    dut->in_valid_i = 0;
    dut->out_ready_i = 0;
    dut.Reset();
    std::deque<uint64_t> inside;
    uint64_t next = 0;
    bool was_stalled = false;
    const int in_rate = static_cast<int>(random.Between(10, 100));
    const int out_rate = static_cast<int>(random.Between(10, 100));
    for (int cycle = 0; cycle < 20000; ++cycle) {
      SetPayload(dut->in_data_i, next, kWidth);
      dut->in_valid_i = random.Chance(in_rate);
      dut->out_ready_i = random.Chance(out_rate);
      dut.Settle();
      if (was_stalled) {
        ASSERT_TRUE(dut->out_valid_o) << cycle;
      }
      if (dut->out_valid_o) {
        ASSERT_FALSE(inside.empty());
        ASSERT_TRUE(IsPayload(dut->out_data_o, inside.front(), kWidth)) << cycle;
      }
      was_stalled = dut->out_valid_o && !dut->out_ready_i;
      if (dut->out_valid_o && dut->out_ready_i) inside.pop_front();
      if (dut->in_valid_i && dut->in_ready_o) inside.push_back(next++);
      ASSERT_LE(inside.size(), 2u);
      dut.Edge();
    }
  }
}

TEST(Skid, CarriesOneWordACycle) {
  Bench<Vskid_96> dut(1);
  dut.Reset();
  dut->in_valid_i = 1;
  dut->out_ready_i = 1;
  uint64_t read = 0;
  for (uint64_t cycle = 0; cycle < 1000; ++cycle) {
    SetPayload(dut->in_data_i, cycle, kWidth);
    dut.Settle();
    ASSERT_TRUE(dut->in_ready_o);
    if (dut->out_valid_o) {
      ASSERT_TRUE(IsPayload(dut->out_data_o, read, kWidth));
      ++read;
    }
    dut.Edge();
  }
  EXPECT_EQ(read, 999u);
}

}  // namespace
