// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The kernel's own C++ function behind the fake card: host and kernel meet without a simulator.
#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <vector>

#include "fake_card.hpp"
#include "gemm/gemm.hpp"
#include "random_problem.hpp"

namespace narrowgate::testing {
namespace {

using gemm_config::Beat;

constexpr std::size_t kBeatBytes = gemm_config::kPortBits / 8;

std::vector<Beat> to_beats(std::span<const std::uint8_t> bytes) {
  std::vector<Beat> beats(bytes.size() / kBeatBytes);
  for (std::size_t i = 0; i < beats.size(); ++i) {
    for (std::size_t w = 0; w < kBeatBytes / 4; ++w) {
      std::uint32_t word = 0;
      std::memcpy(&word, &bytes[i * kBeatBytes + 4 * w], sizeof(word));
      const int bit = static_cast<int>(32 * w);
      beats[i].range(bit + 31, bit) = ap_uint<32>(word);
    }
  }
  return beats;
}

void from_beats(const std::vector<Beat>& beats, std::span<std::uint8_t> bytes) {
  for (std::size_t i = 0; i < beats.size(); ++i) {
    for (std::size_t w = 0; w < kBeatBytes / 4; ++w) {
      const int bit = static_cast<int>(32 * w);
      const std::uint32_t word = ap_uint<32>(beats[i].range(bit + 31, bit)).to_uint();
      std::memcpy(&bytes[i * kBeatBytes + 4 * w], &word, sizeof(word));
    }
  }
}

void run_kernel(const internal::Geometry&, const internal::KernelCall& call,
                std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                std::span<const std::uint8_t> v, std::span<std::uint8_t> c) {
  std::vector<Beat> a_beats = to_beats(a), b_beats = to_beats(b), v_beats = to_beats(v);
  std::vector<Beat> c_beats = to_beats(c);
  gemm_config::Memory a_port(a_beats.data(), a_beats.size());
  gemm_config::Memory b_port(b_beats.data(), b_beats.size());
  gemm_config::Memory v_port(v_beats.data(), v_beats.size());
  gemm_config::Memory c_port(c_beats.data(), c_beats.size());
  // The memories begin where this call's data do: its descriptor again, as the host writes it.
  std::vector<std::uint8_t> descriptor(internal::kDescriptorBytes);
  internal::write_descriptor(call, call.places, kBeatBytes, descriptor);
  std::vector<Beat> q_beats = to_beats(descriptor);
  gemm_config::Memory q_port(q_beats.data(), q_beats.size());
  gemm(a_port, b_port, v_port, c_port, q_port, 0, 1);
  from_beats(c_beats, c);
}

std::shared_ptr<FakeState> kernel_state() {
  const auto state = std::make_shared<FakeState>();
  state->kernel = run_kernel;
  return state;
}

Device open_kernel(const std::shared_ptr<FakeState>& state = kernel_state()) {
  return open_fake(state, std::chrono::seconds(60),
                   fake_metadata(gemm_config::kRows, gemm_config::kCols, gemm_config::kPortBits));
}

class Kernel : public ::testing::TestWithParam<Format> {};

TEST_P(Kernel, AgreesWithTheReferenceInEveryBit) {
  const Device device = open_kernel();
  const Device reference = Device::open("reference");
  const Format a = GetParam();
  std::uint64_t seed = 64000 + 100 * static_cast<std::uint64_t>(a);
  int pairs = 0;
  for (const FormatInfo& b : formats()) {
    ++seed;
    if (!can_share_blocks(a, b.format) ||
        !can_run(device, random_call(seed, a, b.format, 4).problem)) {
      continue;
    }
    ++pairs;
    const bool integers = info(a).is_plain_integer() && b.is_plain_integer();
    for (int kind = integers ? 0 : kEpilogueKinds - 2; kind <= kOutputsKind; ++kind) {
      const RandomCall call =
          random_call(1000 * seed + static_cast<std::uint64_t>(kind), a, b.format, kind, 70);
      EXPECT_EQ(result_bits(device, call, seed), result_bits(reference, call, seed)) << call.line;
    }
  }
  if (info(a).is_group() && info(a).is_float) {
    EXPECT_EQ(pairs, 0) << "FP8 in groups is for the reference only";
  } else {
    EXPECT_GE(pairs, 10) << "every format goes with so many";
  }
}

class KeptResult : public ::testing::TestWithParam<OutputFormat> {};

TEST_P(KeptResult, IsTheNextCallsA) {
  const TwoLayers card = two_layers(open_kernel(), GetParam(), 65000);
  const TwoLayers reference = two_layers(Device::open("reference"), GetParam(), 65000);
  EXPECT_EQ(card.kept, card.fetched);
  EXPECT_EQ(reference.kept, reference.fetched);
  EXPECT_EQ(card.kept, reference.kept);
}

INSTANTIATE_TEST_SUITE_P(Formats, KeptResult,
                         ::testing::Values(OutputFormat::kMxfp8E4m3, OutputFormat::kMxfp8E5m2,
                                           OutputFormat::kMxfp6E2m3, OutputFormat::kMxfp6E3m2,
                                           OutputFormat::kMxfp4, OutputFormat::kMxint8),
                         [](const auto& test) {
                           return std::string(narrowgate::info(test.param).name);
                         });

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
  const auto state = kernel_state();
  Layers on_fake, on_reference;
  const auto bits = on_fake.run(open_kernel(state), 3);
  EXPECT_EQ(bits, on_reference.run(Device::open("reference"), 3));
  EXPECT_EQ(state->runs, 4) << "three layers and the last product";
}

TEST(Group, StartsAnewBeforeAResultIsOverwrittenThatAnEarlierCallReads) {
  const auto state = kernel_state();
  const Device fake = open_kernel(state);
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

std::vector<Format> all_formats() {
  std::vector<Format> all;
  for (const FormatInfo& format : formats()) all.push_back(format.format);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Formats, Kernel, ::testing::ValuesIn(all_formats()), [](const auto& test) {
  return std::string(narrowgate::info(test.param).name);
});

}  // namespace
}  // namespace narrowgate::testing
