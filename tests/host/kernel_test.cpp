// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The kernel's own C++ function behind the fake card: host and kernel meet without a simulator.
#include <gtest/gtest.h>

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

Device open_kernel() {
  const auto state = std::make_shared<FakeState>();
  state->kernel = run_kernel;
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
