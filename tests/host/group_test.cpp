// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Groups of calls: equal to the calls one by one, in as few starts of the card as their dependences
// allow.
#include <gtest/gtest.h>

#include <vector>

#include "fake_card.hpp"
#include "random_problem.hpp"

namespace narrowgate::testing {
namespace {

TEST(Group, IsItsCallsOneByOneOnCardAndReference) {
  const Device reference = Device::open("reference");
  for (const std::uint64_t seed : {71000, 72000, 73000}) {
    const auto state = std::make_shared<FakeState>();
    const Device fake = open_fake(state);
    const std::vector<RandomCall> calls = random_group(fake, seed, 17);
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

/// Layers x·w, each of whose results stays as the next one's A, beside calls that use none of them.
struct Layers {
  static constexpr std::size_t kSize = 40;
  RandomCall first = random_call(1, Format::kMxfp8E4m3, Format::kMxfp8E4m3, 4, kSize, kSize, kSize);
  std::vector<Operand> kept;
  std::vector<std::vector<float>> outputs;

  /// `chain`: layers one after the other. Every one is followed by a call of its own.
  std::vector<std::uint32_t> run(const Device& device, std::size_t chain) {
    const Operand w = pack(device, Side::kB, first.b.view);
    GemmOptions keep, fetch;
    keep.epilogue = FloatEpilogue{.output = OutputFormat::kMxfp8E4m3};
    fetch.epilogue = FloatEpilogue{};
    std::vector<GemmCall> group;
    outputs.assign(chain + 1, std::vector<float>(kSize * kSize));
    const auto view = [&](std::size_t i) {
      return OutputView::row_major(outputs[i].data(), kSize, kSize);
    };
    for (std::size_t i = 0; i < chain; ++i) {
      kept.push_back(allocate_result(device, kSize, kSize, OutputFormat::kMxfp8E4m3));
      GemmCall layer{first.a.view, w, keep, kept.back()};
      if (i > 0) layer.a = kept[i - 1];
      group.push_back(layer);
      group.push_back({first.a.view, w, fetch, view(i)});
    }
    group.push_back({kept.back(), w, fetch, view(chain)});
    gemm(device, group);
    std::vector<std::uint32_t> bits;
    for (const auto& output : outputs) {
      for (const float x : output) bits.push_back(std::bit_cast<std::uint32_t>(x));
    }
    return bits;
  }
};

TEST(Group, StartsAnewWhereACallUsesAKeptResult) {
  const auto state = std::make_shared<FakeState>();
  Layers on_fake, on_reference;
  const auto bits = on_fake.run(open_fake(state), 3);
  EXPECT_EQ(bits, on_reference.run(Device::open("reference"), 3));
  EXPECT_EQ(state->runs, 4) << "three layers and the last product";
}

TEST(Group, StartsAnewBeforeAResultIsOverwrittenThatAnEarlierCallReads) {
  const auto state = std::make_shared<FakeState>();
  const Device fake = open_fake(state);
  const RandomCall call = random_call(2, Format::kMxfp8E4m3, Format::kMxfp8E4m3, 4, 40, 40, 40);
  const Operand kept = allocate_result(fake, 40, 40, OutputFormat::kMxfp8E4m3);
  GemmOptions keep;
  keep.epilogue = FloatEpilogue{.output = OutputFormat::kMxfp8E4m3};
  std::vector<float> c(1600);
  const std::vector<GemmCall> group = {
      {call.a.view, call.b.view, keep, kept},
      {kept, call.b.view, {.epilogue = FloatEpilogue{}}, OutputView::row_major(c.data(), 40, 40)},
      {call.a.view, call.b.view, keep, kept},
      {call.a.view, call.b.view, keep, kept}};
  gemm(fake, group);
  EXPECT_EQ(state->runs, 4);
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
