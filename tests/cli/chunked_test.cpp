// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "chunked.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "narrowgate/quantize.hpp"

namespace narrowgate::testing {
namespace {

/// Large enough for three calls, the last one of them short.
constexpr std::size_t kM = 600;
constexpr std::size_t kN = 1024;
constexpr std::size_t kK = 1024;

QuantizedMatrix random_matrix(Side side, const char* format, std::size_t rows, std::size_t cols) {
  std::mt19937 random(5);
  std::normal_distribution<float> value(0.0F, 1.0F);
  std::vector<float> numbers(rows * cols);
  for (float& x : numbers) x = value(random);
  return quantize(FloatView::row_major(numbers.data(), rows, cols), side,
                  parse_blocked_format(format));
}

TEST(Chunked, GivesTheNumbersOfOneCallWithScalesAndZeroPoints) {
  const Device reference = Device::open("reference");
  for (const auto& [a_format, b_format] :
       {std::pair{"mxfp4", "mxfp4"}, {"uint4_g64", "int8"}, {"int8", "uint4_g64"}}) {
    const QuantizedMatrix a = random_matrix(Side::kA, a_format, kM, kK);
    const QuantizedMatrix b = random_matrix(Side::kB, b_format, kK, kN);
    GemmOptions options;
    options.epilogue = FloatEpilogue{};
    std::vector<float> expected(kM * kN), c(kM * kN);
    gemm(reference, a.view(), b.view(), options, OutputView::row_major(expected.data(), kM, kN));
    const cli::Computed computed = cli::compute(reference, a.view(), b.view(), options,
                                                OutputView::row_major(c.data(), kM, kN), "testing");
    EXPECT_EQ(computed.calls, 3U);
    EXPECT_EQ(computed.report.macs, kM * kN * kK);
    EXPECT_EQ(std::memcmp(c.data(), expected.data(), c.size() * sizeof(float)), 0)
        << a_format << " x " << b_format;
  }
}

}  // namespace
}  // namespace narrowgate::testing
