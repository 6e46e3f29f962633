// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// gemm_lut on the simulated card, through native XRT and through OpenCL: 48 rows of packed DSPs,
// and 16 LUT rows more for products of two 4-bit operands.
#include <gtest/gtest.h>

#include "random_group.hpp"

namespace narrowgate::testing {
namespace {

using namespace std::chrono_literals;

class LutImage : public ::testing::TestWithParam<Backend> {
 protected:
  static Device open() {
    OpenOptions options;
    options.image = std::string(NG_IMAGES) + "/gemm_lut.xclbin";
    options.backend = GetParam();
    options.timeout = 20s;
    return Device::open("emulator", options);
  }
  const Device device_ = open();
  const Device reference_ = Device::open("reference");
};

TEST_P(LutImage, AgreesWithTheReferenceForEveryPairAndEpilogue) {
  std::uint64_t seed = 12000;
  int tall = 0, others = 0;
  for (const auto& [a, b] : device_.describe().pairs) {
    for (int kind = 0; kind <= kOutputsKind; ++kind) {
      const RandomCall call = random_call(++seed, a, b, kind);
      if (!can_share_blocks(a, b) || !can_run(device_, call.problem)) continue;
      ASSERT_EQ(result_bits(device_, call, seed), result_bits(reference_, call, seed)) << call.line;
      ++(info(a).bits == 4 ? tall : others);
    }
  }
  EXPECT_GE(tall, 25);
  EXPECT_GE(others, 25);
}

TEST_P(LutImage, AgreesAroundTheHeightsOfTiles) {
  std::uint64_t seed = 12500;
  for (const Format format : {Format::kInt4, Format::kMxfp4, Format::kInt8, Format::kMxint8}) {
    for (const std::size_t m : {1U, 47U, 48U, 49U, 63U, 64U, 65U, 129U}) {
      for (const auto& [n, k] : {std::pair<std::size_t, std::size_t>{33, 2049}, {97, 64}}) {
        const RandomCall call = random_call(++seed, format, format, kEpilogueKinds - 1, m, n, k);
        ASSERT_EQ(result_bits(device_, call, seed), result_bits(reference_, call, seed))
            << call.line;
      }
    }
  }
}

// Tiles of both heights follow one another through the array and the epilogue.
TEST_P(LutImage, RunsQueuesOfBothHeights) {
  for (std::uint64_t seed = 13000; seed < 13004; ++seed) {
    const std::vector<RandomCall> calls = random_group(device_, seed, 40, kOutputsKind);
    const auto bits = group_bits(device_, calls, seed);
    for (std::size_t i = 0; i < calls.size(); ++i) {
      EXPECT_EQ(bits[i], result_bits(reference_, calls[i], seed)) << calls[i].line;
    }
  }
}

// 4,096 products of nibbles a cycle, 1,536 of bytes.
TEST_P(LutImage, KeepsAllRowsBusy) {
  constexpr std::size_t kSize = 960;  // whole tiles of either height
  for (const auto& [format, peak] :
       {std::pair{Format::kInt4, 4096U}, {Format::kMxfp4, 4096U}, {Format::kInt8, 1536U}}) {
    const RandomCall call =
        random_call(14000, format, format, kEpilogueKinds - 1, kSize, kSize, kSize);
    std::vector<float> c(kSize * kSize);
    const Report report = gemm(device_, call.a.view, call.b.view, {.epilogue = FloatEpilogue{}},
                               OutputView::row_major(c.data(), kSize, kSize));
    EXPECT_EQ(report.peak_macs_per_cycle, peak);
    EXPECT_GE(report.utilisation(), 0.95) << info(format).name << " " << report.cycles;
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, LutImage, ::testing::Values(Backend::kXrt, Backend::kOpencl),
                         [](const auto& test) { return std::string(to_string(test.param)); });

}  // namespace
}  // namespace narrowgate::testing
