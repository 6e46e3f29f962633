// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Groups of calls: equal to the calls one by one, in one start of the card. Those that keep results
// are in kernel_test.cpp, whose kernel makes such.
#include <gtest/gtest.h>

#include <vector>

#include "fake_card.hpp"
#include "random_group.hpp"

namespace narrowgate::testing {
namespace {

TEST(Group, IsItsCallsOneByOneOnCardAndReference) {
  const Device reference = Device::open("reference");
  for (const std::uint64_t seed : {71000, 72000, 73000}) {
    const auto state = std::make_shared<FakeState>();
    const Device fake = open_fake(state);
    const std::vector<RandomCall> calls = random_group(fake, seed, 17, kEpilogueKinds - 1);
    const auto on_fake = group_bits(fake, calls, seed);
    const auto on_reference = group_bits(reference, calls, seed);
    EXPECT_EQ(state->runs, 1);
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const auto alone = result_bits(reference, calls[i], seed);
      EXPECT_EQ(on_fake[i], alone) << calls[i].line << ", group of seed " << seed;
      EXPECT_EQ(on_reference[i], alone) << calls[i].line << ", group of seed " << seed;
    }
  }
}

TEST(Group, MovesEverythingOfAKindAtOnce) {
  const auto state = std::make_shared<FakeState>();
  const Device fake = open_fake(state);
  const std::vector<RandomCall> calls(9, random_call(3, Format::kInt8, Format::kInt8, 0, 5, 6, 7));
  std::vector<std::int32_t> c(9 * 30);
  std::vector<GemmCall> group;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    group.push_back({calls[i].a.view, calls[i].b.view, calls[i].problem.options,
                     OutputView::row_major(&c[30 * i], 5, 6)});
  }
  const Report report = gemm(fake, group);
  EXPECT_EQ(state->allocations, 4) << "a, b, v and c";
  EXPECT_EQ(report.macs, 9U * 210);
  EXPECT_EQ(report.peak_macs_per_cycle, 1024U);
  EXPECT_EQ(report.bytes_downloaded, 9U * 4096);
}

TEST(Group, NamesTheCallThatItRefuses) {
  const Device fake = open_fake(std::make_shared<FakeState>());
  EXPECT_THROW(gemm(fake, std::vector<GemmCall>{}), InvalidArgumentError);
  const RandomCall call = random_call(4, Format::kInt8, Format::kInt8, 0, 5, 6, 7);
  std::vector<std::int32_t> c(30, 77);
  std::vector<GemmCall> group(
      2, {call.a.view, call.b.view, call.problem.options, OutputView::row_major(c.data(), 5, 6)});
  group[1].a = MatrixView::row_major(call.a.memory.data(), Format::kInt8, 5, 3);
  try {
    gemm(fake, group);
    FAIL() << "A has 3 columns, B 7 rows";
  } catch (const ShapeError& error) {
    EXPECT_EQ(std::string(error.what()).rfind("call 1 of the group: A is 5 x 3", 0), 0U)
        << error.what();
  }
  EXPECT_EQ(c, std::vector<std::int32_t>(30, 77)) << "nothing has run";
}

}  // namespace
}  // namespace narrowgate::testing
