// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pack/vectors.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "random_problem.hpp"

namespace narrowgate::testing {
namespace {

using internal::epilogue_arguments;
using internal::Geometry;
using internal::Mode;
using internal::VectorLayout;

struct Vectors {
  std::vector<std::uint8_t> bytes;
  std::uint32_t word(std::size_t address) const {
    std::uint32_t value = 0;
    std::memcpy(&value, &bytes.at(address), 4);
    return value;
  }
  std::int32_t row_term(std::size_t m) const { return static_cast<std::int32_t>(word(4 * m)); }
  std::uint32_t column(std::size_t m_tiles, std::size_t n, unsigned field) const {
    return word(m_tiles * 128 + n * 16 + 4 * field);
  }
};

Vectors pack(const Problem& p, const std::vector<std::int32_t>& rows,
             const std::vector<std::int32_t>& columns) {
  Vectors v;
  v.bytes.assign(VectorLayout::of({}, p.m, p.n).bytes(), 0x77);
  internal::pack_vectors({}, p, rows, columns, v.bytes);
  return v;
}

TEST(Vectors, HasTwoBeatsARowTileAndEightAColumnTile) {
  EXPECT_EQ(VectorLayout::of({}, 1, 1).bytes(), 10 * 64U);
  EXPECT_EQ(VectorLayout::of({}, 33, 64).bytes(), (2 * 2 + 2 * 8) * 64U);
}

TEST(Vectors, HoldsTheTermsOfTheZeroPointIdentity) {
  Problem p{2, 3, 5, Format::kUint8, Format::kInt4, {}};
  p.options.a_zero = 100;  // za' = -28
  p.options.b_zero = -3;   // zb' = -3
  p.options.epilogue = Int32Epilogue{{7, -8, 1'000'000}};
  const Vectors v = pack(p, {10, -20}, {4, 5, -6});
  EXPECT_EQ(v.row_term(0), 3 * 10);
  EXPECT_EQ(v.row_term(1), 3 * -20);
  EXPECT_EQ(v.row_term(2), 0) << "rows outside the matrix";
  const std::int32_t constant = 5 * -28 * -3;
  EXPECT_EQ(static_cast<std::int32_t>(v.column(1, 0, 0)), 7 + 28 * 4 + constant);
  EXPECT_EQ(static_cast<std::int32_t>(v.column(1, 1, 0)), -8 + 28 * 5 + constant);
  EXPECT_EQ(static_cast<std::int32_t>(v.column(1, 2, 0)), 1'000'000 + 28 * -6 + constant);
}

TEST(Vectors, HoldsScalesByModeAndChannel) {
  Problem p{1, 2, 1, Format::kInt8, Format::kInt8, {}};
  RequantEpilogue e;
  e.scales = {0.3, 0.7};
  p.options.epilogue = e;
  Vectors v = pack(p, {0}, {0, 0});
  EXPECT_EQ(v.column(1, 1, 1), std::bit_cast<std::uint32_t>(0.7F));
  EXPECT_EQ(v.column(1, 31, 1), std::bit_cast<std::uint32_t>(0.7F)) << "a valid scale";

  e.rounding = Rounding::kTflite;
  e.scales.clear();
  e.fixed_point = {{3401, 21}};
  p.options.epilogue = e;
  v = pack(p, {0}, {0, 0});
  EXPECT_EQ(v.column(1, 1, 1), 3401U);
  EXPECT_EQ(v.column(1, 1, 2), 21U);

  e.rounding = Rounding::kGemmlowp;
  e.fixed_point = {{1 << 30, -4}, {5, 3}};
  p.options.epilogue = e;
  v = pack(p, {0}, {0, 0});
  EXPECT_EQ(static_cast<std::int32_t>(v.column(1, 0, 2)), -4);
  EXPECT_EQ(v.column(1, 1, 1), 5U);

  p.options.epilogue = FloatEpilogue{.scale = 2.0F, .channel_scales = {0.5F, 4.0F}};
  v = pack(p, {0}, {0, 0});
  EXPECT_EQ(v.column(1, 1, 2), std::bit_cast<std::uint32_t>(4.0F));
  EXPECT_EQ(v.column(1, 1, 3), 0x80000000U) << "no bias is -0, which changes nothing";
}

TEST(Vectors, MovesATensorScaleThatIsNotFiniteIntoTheChannels) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  Problem p{1, 3, 1, Format::kInt8, Format::kInt8, {}};
  const FloatEpilogue e{.scale = -kInfinity, .channel_scales = {2.0F, -1.0F, 0.0F}};
  p.options.epilogue = e;
  const Vectors v = pack(p, {0}, {0, 0, 0});
  EXPECT_EQ(epilogue_arguments(p).scale, std::bit_cast<std::uint32_t>(1.0F));
  EXPECT_EQ(v.column(1, 0, 2), std::bit_cast<std::uint32_t>(-kInfinity));
  EXPECT_EQ(v.column(1, 1, 2), std::bit_cast<std::uint32_t>(kInfinity));
  EXPECT_TRUE(std::isnan(std::bit_cast<float>(v.column(1, 2, 2))));
}

TEST(Vectors, GivesTheKernelItsScalarArguments) {
  const auto arguments = [](const Epilogue& epilogue, Format format = Format::kInt8) {
    return epilogue_arguments(Problem{1, 1, 1, format, Format::kInt8, {0, 0, epilogue}});
  };
  EXPECT_EQ(arguments(Int32Epilogue{}).mode, Mode::kInt32);
  EXPECT_EQ(arguments(Int32Epilogue{}).out_format, 16U);
  RequantEpilogue requant;
  requant.output = OutputFormat::kUint8;
  requant.rounding = Rounding::kGemmlowp;
  requant.out_zero = 9;
  requant.relu = true;
  requant.clamp_hi = 200;
  const auto e = arguments(requant);
  EXPECT_EQ(e.mode, Mode::kGemmlowp);
  EXPECT_EQ(e.out_format, 1U);
  EXPECT_EQ(e.out_zero, 9U);
  EXPECT_EQ(e.clamp_lo, 9U);
  EXPECT_EQ(e.clamp_hi, 200U);
  const auto f = arguments(FloatEpilogue{.scale = 0.5F, .relu = true});
  EXPECT_EQ(f.mode, Mode::kFloat32);
  EXPECT_EQ(f.scale, std::bit_cast<std::uint32_t>(0.5F));
  EXPECT_EQ(f.clamp_lo, 0U);
  EXPECT_EQ(f.clamp_hi, 0x7F800000U);
  EXPECT_EQ(arguments(FloatEpilogue{}, Format::kE4m3).mode, Mode::kScaledFloat32);
  EXPECT_EQ(arguments(FloatEpilogue{}, Format::kMxint8).mode, Mode::kScaledFloat32);
  const auto folded = arguments(FloatEpilogue{.scale = 3.0F}, Format::kE2m1);
  EXPECT_EQ(folded.mode, Mode::kFloat32) << "int32 sums";
  EXPECT_EQ(folded.scale, std::bit_cast<std::uint32_t>(1.5F)) << "of halves";
}

TEST(Vectors, MultipliesTheTensorScalesFirst) {
  Problem p{1, 1, 1, Format::kNvfp4, Format::kNvfp4, {0, 0, FloatEpilogue{.scale = 0.1F}}};
  p.a_tensor_scale = 0.3F;
  p.b_tensor_scale = 0.7F;
  volatile float scale = 0.3F * 0.7F;
  scale = scale * 0.1F;
  EXPECT_EQ(epilogue_arguments(p).scale, std::bit_cast<std::uint32_t>(float{scale}));
}

}  // namespace
}  // namespace narrowgate::testing
