// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "Vcounter.h"
#include "random_traffic.hpp"

namespace {

TEST(Counter, CountsEnabledCyclesAndClearWins) {
  rtl_test::Random random(3);
  rtl_test::Bench<Vcounter> dut(3);
  dut->clear_i = 0;
  dut->enable_i = 0;
  dut.Reset();
  uint64_t expected = 0;
  for (int cycle = 0; cycle < 20000; ++cycle) {
    dut->clear_i = random.Chance(1);
    dut->enable_i = random.Chance(60);
    dut.Settle();
    ASSERT_EQ(dut->count_o, expected) << "cycle " << cycle;
    expected = dut->clear_i ? 0 : expected + dut->enable_i;
    dut.Edge();
  }
}

}  // namespace
