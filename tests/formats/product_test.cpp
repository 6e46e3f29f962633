// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// That gemm() reads from a quantised matrix what dequantize() does. One block along K of numbers of
// a like size has an exact sum in double, so a product of one block is that sum rounded once.
#include <gtest/gtest.h>

#include <algorithm>
#include <narrowgate/device.hpp>
#include <random>
#include <string>
#include <vector>

#include "reference.hpp"

namespace narrowgate::testing {
namespace {

constexpr std::uint32_t kSeed = 55;
constexpr std::size_t kM = 5;
constexpr std::size_t kN = 7;

/// C of the reference device, and of the numbers that the matrices stand for.
void expect_product(BlockedFormat a_format, BlockedFormat b_format, std::size_t k) {
  SCOPED_TRACE(to_string(a_format) + " x " + to_string(b_format) + " seed " +
               std::to_string(kSeed));
  std::mt19937 random(kSeed);
  std::normal_distribution<float> normal;
  std::vector<float> a(kM * k);
  std::vector<float> b(k * kN);
  for (float& x : a) x = normal(random);
  for (float& x : b) x = 3 * normal(random);
  QuantizeOptions options;
  options.span = ScaleSpan::kNone;
  const QuantizedMatrix qa =
      quantize(FloatView::row_major(a.data(), kM, k), Side::kA, a_format, options);
  const QuantizedMatrix qb =
      quantize(FloatView::row_major(b.data(), k, kN), Side::kB, b_format, options);
  std::vector<float> c(kM * kN);
  const GemmOptions gemm_options{.epilogue = FloatEpilogue{}};
  gemm(Device::open("reference"), qa.view(), qb.view(), gemm_options,
       OutputView::row_major(c.data(), kM, kN));
  // Without the tensor scales, which the product takes at its end.
  QuantizedMatrix bare_a = qa;
  QuantizedMatrix bare_b = qb;
  bare_a.tensor_scale = bare_b.tensor_scale = 1;
  const std::vector<float> va = dequantize(bare_a);
  const std::vector<float> vb = dequantize(bare_b);
  for (std::size_t m = 0; m < kM; ++m) {
    for (std::size_t n = 0; n < kN; ++n) {
      double sum = 0;
      for (std::size_t i = 0; i < k; ++i) {
        sum += static_cast<double>(va[m * k + i]) * static_cast<double>(vb[i * kN + n]);
      }
      const float wanted = static_cast<float>(sum) * (qa.tensor_scale * qb.tensor_scale);
      EXPECT_EQ(c[m * kN + n], wanted) << m << " " << n;
    }
  }
}

TEST(Product, OfOneBlockIsTheSumRoundedOnce) {
  using F = Format;
  const std::vector<BlockedFormat> mx = {{F::kMxfp8E4m3, 32}, {F::kMxfp8E5m2, 32},
                                         {F::kMxfp6E2m3, 32}, {F::kMxfp6E3m2, 32},
                                         {F::kMxfp4, 32},     {F::kMxint8, 32}};
  for (const BlockedFormat& format : mx) {
    expect_product(format, format, 32);
    expect_product(format, {F::kMxfp4, 32}, 32);
    expect_product(format, format, 19);  // a block that is not full
  }
  expect_product({F::kNvfp4, 16}, {F::kNvfp4, 16}, 16);
  expect_product({F::kE4m3, 0}, {F::kE4m3, 0}, 64);
  expect_product({F::kE5m2, 0}, {F::kE4m3, 0}, 64);
  expect_product({F::kInt8, 0}, {F::kInt8, 0}, 64);
}

__extension__ using Quad = __float128;  // 113 bits: a block's exact sum and both scales

TEST(Product, OfFp8BlocksIsRoundedOnceForEachBlock) {
  constexpr std::size_t kK = 300;  // the last block is not full
  constexpr std::size_t kBlock = 128;
  std::mt19937 random(kSeed);
  std::normal_distribution<float> normal;
  std::vector<float> a(kM * kK);
  std::vector<float> b(kK * kN);
  for (float& x : a) x = normal(random);
  for (float& x : b) x = 3 * normal(random);
  const BlockedFormat format{Format::kE4m3Group, kBlock};
  const QuantizedMatrix qa = quantize(FloatView::row_major(a.data(), kM, kK), Side::kA, format);
  const QuantizedMatrix qb = quantize(FloatView::row_major(b.data(), kK, kN), Side::kB, format);
  std::vector<float> c(kM * kN);
  GemmOptions options;
  options.epilogue = FloatEpilogue{};
  gemm(Device::open("reference"), qa.view(), qb.view(), options,
       OutputView::row_major(c.data(), kM, kN));
  for (std::size_t m = 0; m < kM; ++m) {
    for (std::size_t n = 0; n < kN; ++n) {
      float sum = 0;
      for (std::size_t first = 0, block = 0; first < kK; first += kBlock, ++block) {
        Quad exact = 0;
        for (std::size_t k = first; k < std::min(first + kBlock, kK); ++k) {
          exact += static_cast<Quad>(decode(Format::kE4m3, qa.codes[m * kK + k])) *
                   static_cast<Quad>(decode(Format::kE4m3, qb.codes[n * kK + k]));
        }
        sum += static_cast<float>(exact * static_cast<Quad>(qa.scales[m * 3 + block]) *
                                  static_cast<Quad>(qb.scales[n * 3 + block]));
      }
      EXPECT_EQ(c[m * kN + n], sum) << m << " " << n << " seed " << kSeed;
    }
  }
}

}  // namespace
}  // namespace narrowgate::testing
