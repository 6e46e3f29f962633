// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <deque>

#include "Vfifo_block_100x8.h"
#include "Vfifo_block_65x33.h"
#include "Vfifo_shallow_1x8.h"
#include "Vfifo_shallow_2x512.h"
#include "Vfifo_shallow_5x96.h"
#include "Vfifo_shallow_64x1.h"
#include "random_traffic.hpp"

namespace {

using rtl_test::Bench;
using rtl_test::IsPayload;
using rtl_test::Random;
using rtl_test::SetPayload;

template <class ModelType, int kDepthValue, int kWidthValue, int kLatencyValue>
struct Config {
  using Model = ModelType;
  static constexpr int kDepth = kDepthValue;  // words that must fit
  static constexpr int kWidth = kWidthValue;
  static constexpr int kLatency = kLatencyValue;  // cycles from a write to the word's being visible
};

template <class T>
class FifoTest : public ::testing::Test {};
using Configs =
    ::testing::Types<Config<Vfifo_shallow_1x8, 2, 8, 1>, Config<Vfifo_shallow_2x512, 2, 512, 1>,
                     Config<Vfifo_shallow_5x96, 5, 96, 1>, Config<Vfifo_shallow_64x1, 64, 1, 1>,
                     Config<Vfifo_block_65x33, 65, 33, 2>, Config<Vfifo_block_100x8, 100, 8, 2>>;
TYPED_TEST_SUITE(FifoTest, Configs);

TYPED_TEST(FifoTest, KeepsOrderUnderRandomTraffic) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(rtl_test::SeedNote(seed));
    Random random(seed);
    Bench<typename TypeParam::Model> dut(seed);
    dut->wr_en_i = 0;
    dut->rd_en_i = 0;
    dut.Reset();
    std::deque<uint64_t> inside;
    uint64_t next = 0;
    for (int cycle = 0; cycle < 20000; ++cycle) {
      // Long phases of mostly writing, mostly reading and both, to meet full and empty.
      const int phase = cycle / 400 % 3;
      const uint64_t tag = next;
      SetPayload(dut->wr_data_i, tag, TypeParam::kWidth);
      dut->wr_en_i = random.Chance(phase == 1 ? 20 : 90);
      dut->rd_en_i = random.Chance(phase == 0 ? 20 : 90);
      dut.Settle();
      if (dut->empty_no) {
        ASSERT_FALSE(inside.empty());
        ASSERT_TRUE(IsPayload(dut->rd_data_o, inside.front(), TypeParam::kWidth)) << cycle;
      }
      if (!dut->full_no) {
        ASSERT_GE(inside.size(), size_t{TypeParam::kDepth});
      }
      if (dut->rd_en_i && dut->empty_no) inside.pop_front();
      if (dut->wr_en_i && dut->full_no) inside.push_back(next++);
      dut.Edge();
    }
    EXPECT_GT(next, 5000u);
  }
}

TYPED_TEST(FifoTest, CarriesOneWordACycle) {
  Bench<typename TypeParam::Model> dut(7);
  dut->wr_en_i = 0;
  dut->rd_en_i = 0;
  dut.Reset();
  dut->wr_en_i = 1;
  dut->rd_en_i = 1;
  uint64_t written = 0, read = 0;
  for (int cycle = 0; cycle < 1000; ++cycle) {
    SetPayload(dut->wr_data_i, written, TypeParam::kWidth);
    dut.Settle();
    ASSERT_TRUE(dut->full_no) << cycle;
    ++written;
    if (dut->empty_no) {
      ASSERT_TRUE(IsPayload(dut->rd_data_o, read, TypeParam::kWidth));
      ++read;
    }
    dut.Edge();
  }
  EXPECT_EQ(read, 1000u - TypeParam::kLatency);
}

TYPED_TEST(FifoTest, HoldsExactlyItsDepthAndIgnoresWritesWhenFull) {
  Bench<typename TypeParam::Model> dut(8);
  dut->wr_en_i = 0;
  dut->rd_en_i = 0;
  dut.Reset();
  dut->wr_en_i = 1;
  int taken = 0;
  for (int cycle = 0; cycle < TypeParam::kDepth + 20; ++cycle) {
    SetPayload(dut->wr_data_i, static_cast<uint64_t>(cycle), TypeParam::kWidth);
    dut.Settle();
    taken += dut->full_no;
    dut.Edge();
  }
  EXPECT_EQ(taken, TypeParam::kDepth);
  dut->wr_en_i = 0;
  dut->rd_en_i = 1;
  for (int word = 0; word < TypeParam::kDepth; ++word) {
    dut.Settle();
    ASSERT_TRUE(dut->empty_no);
    ASSERT_TRUE(IsPayload(dut->rd_data_o, static_cast<uint64_t>(word), TypeParam::kWidth));
    dut.Edge();
  }
  dut.Settle();
  EXPECT_FALSE(dut->empty_no);
}

TYPED_TEST(FifoTest, ResetEmptiesIt) {
  Bench<typename TypeParam::Model> dut(9);
  dut->wr_en_i = 0;
  dut->rd_en_i = 0;
  dut.Reset();
  dut->wr_en_i = 1;
  for (int i = 0; i < 10; ++i) dut.Edge();
  dut->wr_en_i = 0;
  dut.Reset();
  dut.Settle();
  EXPECT_FALSE(dut->empty_no);
  EXPECT_TRUE(dut->full_no);
}

}  // namespace
