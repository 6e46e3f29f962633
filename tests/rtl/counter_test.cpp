// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "Vcounter.h"
#include "Vcounter_3.h"
#include "random_traffic.hpp"

namespace {

template <class Model>
void CountsEventsAndClearWins(unsigned events) {
  rtl_test::Random random(3);
  rtl_test::Bench<Model> dut(3);
  dut->clear_i = 0;
  dut->enable_i = 0;
  dut.Reset();
  uint64_t expected = 0;
  for (int cycle = 0; cycle < 20000; ++cycle) {
    dut->clear_i = random.Chance(1);
    dut->enable_i = 0;
    for (unsigned i = 0; i < events; ++i) dut->enable_i |= random.Chance(60) ? 1u << i : 0;
    dut.Settle();
    ASSERT_EQ(dut->count_o, expected) << "cycle " << cycle;
    expected = dut->clear_i ? 0 : expected + std::popcount(static_cast<unsigned>(dut->enable_i));
    dut.Edge();
  }
}

TEST(Counter, CountsEnabledCyclesAndClearWins) { CountsEventsAndClearWins<Vcounter>(1); }
TEST(Counter, CountsSeveralEventsInOneCycle) { CountsEventsAndClearWins<Vcounter_3>(3); }

}  // namespace
