// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "Vcontrol.h"
#include "random_traffic.hpp"

namespace {

using rtl_test::Bench;
using rtl_test::Random;

// The instance under test (CMakeLists.txt): four argument words, at 0x10, 0x14, 0x1C and 0x24,
// three counters.
constexpr uint32_t kArgs[] = {0x10, 0x14, 0x1C, 0x24};
constexpr int kNumCounters = 3;
constexpr uint32_t kStart = 1, kDone = 2, kIdle = 4, kReady = 8, kContinue = 16, kAuto = 128;

class AxilControlTest : public ::testing::Test {
 protected:
  AxilControlTest() : random_(11), dut_(11) {
    dut_->s_awvalid_i = 0;
    dut_->s_wvalid_i = 0;
    dut_->s_bready_i = 0;
    dut_->s_arvalid_i = 0;
    dut_->s_rready_i = 0;
    dut_->ap_done_i = 0;
    dut_->ap_ready_i = 0;
    dut_->ap_idle_i = 1;
    dut_->counter_i = 0;
    dut_.Reset();
  }

  // One write; AW, W and BREADY each wait for the given number of cycles.
  void Write(uint32_t address, uint32_t data, uint32_t strobes = 15, int aw_wait = 0,
             int w_wait = 0, int b_wait = 0) {
    bool aw = false, w = false;
    for (int cycle = 0; cycle < 200; ++cycle) {
      dut_->s_awvalid_i = !aw && cycle >= aw_wait;
      dut_->s_awaddr_i = aw_wait <= cycle ? address : ~address;
      dut_->s_wvalid_i = !w && cycle >= w_wait;
      dut_->s_wdata_i = w_wait <= cycle ? data : ~data;
      dut_->s_wstrb_i = strobes;
      dut_->s_bready_i = aw && w && b_wait-- <= 0;
      dut_.Settle();
      aw = aw || (dut_->s_awvalid_i && dut_->s_awready_o);
      w = w || (dut_->s_wvalid_i && dut_->s_wready_o);
      const bool answered = dut_->s_bvalid_o && dut_->s_bready_i;
      if (answered) {
        EXPECT_EQ(dut_->s_bresp_o, 0);
      }
      Step();
      if (answered) return Quiet();
    }
    FAIL() << "no response to a write at " << std::hex << address;
  }

  uint32_t Read(uint32_t address, int ar_wait = 0, int r_wait = 0) {
    bool ar = false;
    for (int cycle = 0; cycle < 200; ++cycle) {
      dut_->s_arvalid_i = !ar && cycle >= ar_wait;
      dut_->s_araddr_i = address;
      dut_->s_rready_i = ar && r_wait-- <= 0;
      dut_.Settle();
      dut_->counter_i = dut_->counter_read_o ? 0xC0DE0000u + dut_->counter_o : 0xBADBAD;
      ar = ar || (dut_->s_arvalid_i && dut_->s_arready_o);
      const bool answered = dut_->s_rvalid_o && dut_->s_rready_i;
      const uint32_t data = dut_->s_rdata_o;
      if (answered) {
        EXPECT_EQ(dut_->s_rresp_o, 0);
      }
      Step();
      if (answered) {
        Quiet();
        return data;
      }
    }
    ADD_FAILURE() << "no response to a read at " << std::hex << address;
    return 0;
  }

  void Quiet() {
    dut_->s_awvalid_i = 0;
    dut_->s_wvalid_i = 0;
    dut_->s_bready_i = 0;
    dut_->s_arvalid_i = 0;
    dut_->s_rready_i = 0;
  }

  // One clock cycle, with a kernel that keeps the ap_ctrl_chain rules when `kernel_` is set: it
  // runs for five cycles and then holds ap_done until ap_continue.
  void Step() {
    dut_.Settle();
    bool start = dut_->ap_start_o, proceed = dut_->ap_continue_o;
    dut_.Edge();
    continues_ += proceed;
    if (!kernel_) return;
    if (dut_->ap_done_i && proceed) dut_->ap_done_i = 0;
    dut_->ap_ready_i = 0;
    if (busy_ > 0 && --busy_ == 0) {
      dut_->ap_done_i = 1;
      dut_->ap_ready_i = 1;
      ++runs_;
    } else if (busy_ == 0 && start && !dut_->ap_done_i && !was_ready_) {
      busy_ = 5;
    }
    was_ready_ = dut_->ap_ready_i;
    dut_->ap_idle_i = busy_ == 0;
  }

  void Steps(int cycles) {
    for (int i = 0; i < cycles; ++i) Step();
  }

  Random random_;
  Bench<Vcontrol> dut_;
  bool kernel_ = false, was_ready_ = false;
  int busy_ = 0, runs_ = 0, continues_ = 0;
};

TEST_F(AxilControlTest, ReadsTheConstantBlock) {
  EXPECT_EQ(Read(0x800), 0x4E474154u);
  EXPECT_EQ(Read(0x804), 2u);
  EXPECT_EQ(Read(0x808), 0x89ABCDEFu);
  EXPECT_EQ(Read(0x80C), 0x01234567u);
  EXPECT_EQ(Read(0x810), 3u);
  EXPECT_EQ(Read(0x814), 0u);
  Write(0x800, 0);
  EXPECT_EQ(Read(0x800), 0x4E474154u);
}

TEST_F(AxilControlTest, ReadsTheCounters) {
  for (uint32_t i = 0; i < 2 * kNumCounters; ++i) {
    EXPECT_EQ(Read(0x818 + 4 * i), 0xC0DE0000u + i);
  }
  EXPECT_EQ(Read(0x818 + 8 * kNumCounters), 0u);
}

TEST_F(AxilControlTest, ArgumentsKeepWhatIsWrittenInAnyOrderOfAwAndW) {
  uint32_t expected[4] = {0, 0, 0, 0};
  for (int round = 0; round < 500; ++round) {
    const size_t i = random_.Below(4);
    const uint32_t data = static_cast<uint32_t>(random_.Bits());
    const uint32_t strobes = static_cast<uint32_t>(random_.Below(16));
    Write(kArgs[i], data, strobes, static_cast<int>(random_.Below(5)),
          static_cast<int>(random_.Below(5)), static_cast<int>(random_.Below(5)));
    for (int byte = 0; byte < 4; ++byte) {
      const uint32_t mask = 0xFFu << (8 * byte);
      if (strobes >> byte & 1) expected[i] = (expected[i] & ~mask) | (data & mask);
    }
    for (size_t word = 0; word < 4; ++word) ASSERT_EQ(dut_->args_o[word], expected[word]);
    ASSERT_EQ(
        Read(kArgs[i], static_cast<int>(random_.Below(5)), static_cast<int>(random_.Below(5))),
        expected[i]);
  }
}

TEST_F(AxilControlTest, OtherAddressesReadZeroAndIgnoreWrites) {
  for (uint32_t i = 0; i < 4; ++i) Write(kArgs[i], 0x1111 * i);
  for (const uint32_t address : {0x18u, 0x20u, 0x28u, 0x400u, 0x7FCu, 0xFFCu}) {
    Write(address, 0xFFFFFFFFu);
    EXPECT_EQ(Read(address), 0u) << std::hex << address;
  }
  for (uint32_t i = 0; i < 4; ++i) EXPECT_EQ(dut_->args_o[i], 0x1111 * i);
  EXPECT_FALSE(dut_->ap_start_o);
}

TEST_F(AxilControlTest, RunsAsXrtDrivesIt) {
  kernel_ = true;
  for (int run = 1; run <= 20; ++run) {
    // The whole block first, with 0 at AP_CTRL, then start.
    for (uint32_t address = 0; address < 0x28; address += 4) Write(address, address * run);
    Write(0, kStart);
    uint32_t control = 0;
    int polls = 0;
    while (((control = Read(0)) & kDone) == 0) {
      ASSERT_EQ(control & kIdle, 0u) << "idle while it runs";
      ASSERT_LT(++polls, 100);
    }
    EXPECT_EQ(control & kStart, 0u);
    EXPECT_NE(Read(0) & kDone, 0u) << "done must stay until continued";
    Steps(static_cast<int>(random_.Below(20)));
    ASSERT_EQ(runs_, run) << "a run started before continue";
    Write(0, kContinue);
    EXPECT_EQ(continues_, run) << "one pulse of ap_continue";
    EXPECT_EQ(Read(0), kIdle) << "neither done nor ready is left over";
  }
}

TEST_F(AxilControlTest, StartStaysUntilTheKernelIsReady) {
  Write(0, kStart);
  Steps(10);
  EXPECT_TRUE(dut_->ap_start_o);
  Write(0, 0);  // a written 0 does not take it back
  EXPECT_TRUE(dut_->ap_start_o);
  dut_->ap_ready_i = 1;
  Step();
  dut_->ap_ready_i = 0;
  dut_.Settle();
  EXPECT_FALSE(dut_->ap_start_o);
  EXPECT_EQ(Read(0) & kReady, kReady);
  EXPECT_EQ(Read(0) & kReady, 0u) << "ready is cleared by reading";
}

TEST_F(AxilControlTest, APulseOfDoneIsKeptUntilItIsRead) {
  dut_->ap_done_i = 1;
  Step();
  dut_->ap_done_i = 0;
  Steps(20);
  EXPECT_EQ(Read(0) & kDone, kDone);
  EXPECT_EQ(Read(0) & kDone, 0u);
}

TEST_F(AxilControlTest, AutoRestartContinuesAndStartsAgain) {
  kernel_ = true;
  Write(0, kStart | kAuto);
  EXPECT_EQ(Read(0) & kAuto, kAuto);
  Steps(100);
  EXPECT_GE(runs_, 8);
  Write(0, 0);
  Steps(20);
  const int runs = runs_;
  Steps(50);
  EXPECT_EQ(runs_, runs) << "it ends when auto_restart is taken back";
}

TEST_F(AxilControlTest, InterruptsOnDoneAndReadyOnlyWhenEnabled) {
  const auto pulse = [this](bool done, bool ready) {
    dut_->ap_done_i = done;
    dut_->ap_ready_i = ready;
    Step();
    dut_->ap_done_i = 0;
    dut_->ap_ready_i = 0;
    Steps(3);
  };
  pulse(true, true);
  EXPECT_EQ(Read(0x0C), 0u);
  Write(0x08, 1);
  pulse(true, true);
  EXPECT_EQ(Read(0x0C), 1u);
  EXPECT_FALSE(dut_->interrupt_o) << "GIE is off";
  Write(0x04, 1);
  Steps(2);
  EXPECT_TRUE(dut_->interrupt_o);
  Write(0x0C, 1);
  Steps(2);
  EXPECT_FALSE(dut_->interrupt_o);
  EXPECT_EQ(Read(0x0C), 0u);
  Write(0x08, 3);
  pulse(false, true);
  EXPECT_EQ(Read(0x0C), 2u);
  EXPECT_TRUE(dut_->interrupt_o);
  Write(0x0C, 1);  // toggles: sets bit 0
  EXPECT_EQ(Read(0x0C), 3u);
  EXPECT_EQ(Read(0x08), 3u);
  EXPECT_EQ(Read(0x04), 1u);
}

TEST_F(AxilControlTest, AHeldDoneInterruptsOnce) {
  Write(0x04, 1);
  Write(0x08, 1);
  dut_->ap_done_i = 1;
  Steps(3);
  EXPECT_TRUE(dut_->interrupt_o);
  Write(0x0C, 1);
  Steps(5);
  EXPECT_FALSE(dut_->interrupt_o);
}

}  // namespace
