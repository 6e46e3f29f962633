// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/check.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace narrowgate {
namespace {

using internal::check_matrix;
using internal::check_output;
using internal::check_problem;

Problem problem(std::size_t k, Format a = Format::kInt8, Format b = Format::kInt8) {
  return {2, 3, k, a, b, {}};
}

RequantEpilogue good_requant() {
  RequantEpilogue e;
  e.scales = {0.25};
  return e;
}

TEST(MaxK, MatchesTheContract) {
  EXPECT_EQ(max_k(Format::kInt8, Format::kInt8), 131071U);
  EXPECT_EQ(max_k(Format::kUint8, Format::kUint8), 33025U);
  EXPECT_EQ(max_k(Format::kUint8, Format::kUint8, 255, 255), 33025U);
  EXPECT_EQ(max_k(Format::kInt4, Format::kInt8), 2097151U);
  EXPECT_EQ(max_k(Format::kInt4, Format::kInt4), 33554431U);
  EXPECT_EQ(max_k(Format::kE2m1, Format::kE2m1), INT32_MAX / 144U);
  EXPECT_EQ(max_k(Format::kE2m3, Format::kInt8), INT32_MAX / (60U * 128));
  EXPECT_EQ(max_k(Format::kUint4Group, Format::kInt8), INT32_MAX / (15U * 128));
  EXPECT_EQ(max_k(Format::kE4m3, Format::kInt8), static_cast<std::size_t>(INT32_MAX));
  // 64 bits of products and 48 of scales leave 14 of the 126.
  EXPECT_EQ(max_k(Format::kE5m2Group, Format::kE5m2Group), 16384U);
  EXPECT_EQ(max_k(Format::kE4m3Group, Format::kE4m3Group), static_cast<std::size_t>(INT32_MAX));
  EXPECT_THROW(max_k(Format::kE4m3, Format::kInt8, 1), ZeroPointError);
}

TEST(MaxK, IsExactForEveryPairOfFormatsAndExtremeZeroPoints) {
  for (const FormatInfo& a : formats()) {
    for (const FormatInfo& b : formats()) {
      if (!a.is_plain_integer() || !b.is_plain_integer()) continue;
      for (const int za : {a.min, 0, a.max}) {
        for (const int zb : {b.min, 0, b.max}) {
          std::int64_t hi = 0, lo = 0;
          for (const std::int64_t x : {a.min - za, a.max - za}) {
            for (const std::int64_t y : {b.min - zb, b.max - zb}) {
              hi = std::max(hi, x * y);
              lo = std::min(lo, x * y);
            }
          }
          const auto k = static_cast<std::int64_t>(max_k(a.format, b.format, za, zb, -77, 1234));
          EXPECT_TRUE(k * hi + 1234 <= INT32_MAX && k * lo - 77 >= INT32_MIN);
          EXPECT_TRUE((k + 1) * hi + 1234 > INT32_MAX || (k + 1) * lo - 77 < INT32_MIN)
              << a.name << " " << b.name << " " << za << " " << zb;
        }
      }
    }
  }
}

TEST(CheckProblem, RefusesKBeyondInt32Range) {
  EXPECT_NO_THROW(check_problem(problem(131071)));
  try {
    check_problem(problem(131072));
    FAIL();
  } catch (const AccumulatorRangeError& error) {
    EXPECT_STREQ(error.what(),
                 "K = 131072 could overflow int32: K may be up to 131071 for int8 x int8 with "
                 "zero-points 0 and 0 and bias from 0 to 0");
  }
  EXPECT_THROW(check_problem(problem(33026, Format::kUint8, Format::kUint8)),
               AccumulatorRangeError);
  EXPECT_NO_THROW(check_problem(problem(2097151, Format::kInt4, Format::kInt8)));
  EXPECT_THROW(check_problem(problem(2097152, Format::kInt8, Format::kInt4)),
               AccumulatorRangeError);
}

TEST(CheckProblem, CountsTheBiasAgainstTheRange) {
  Problem p = problem(1);
  p.options.epilogue = Int32Epilogue{{0, INT32_MAX - 16384, 0}};
  EXPECT_NO_THROW(check_problem(p));
  p.options.epilogue = Int32Epilogue{{0, INT32_MAX - 16383, 0}};
  EXPECT_THROW(check_problem(p), AccumulatorRangeError);
  p.options.epilogue = Int32Epilogue{{INT32_MIN + 16256, 0, 0}};
  EXPECT_NO_THROW(check_problem(p));
  p.options.epilogue = Int32Epilogue{{INT32_MIN + 16255, 0, 0}};
  EXPECT_THROW(check_problem(p), AccumulatorRangeError);
}

TEST(CheckProblem, RefusesZeroPointsOutsideTheirFormats) {
  for (const FormatInfo& format : formats()) {
    if (!format.is_plain_integer()) continue;
    for (const int zero : {format.min - 1, format.max + 1}) {
      Problem p = problem(4, format.format, format.format);
      p.options.a_zero = zero;
      EXPECT_THROW(check_problem(p), ZeroPointError) << format.name;
      p.options.a_zero = 0;
      p.options.b_zero = zero;
      EXPECT_THROW(check_problem(p), ZeroPointError) << format.name;
    }
  }
  Problem p = problem(4);
  p.options.b_zero = 128;
  try {
    check_problem(p);
  } catch (const ZeroPointError& error) {
    EXPECT_STREQ(error.what(), "B's zero-point 128 is outside the range of int8, -128 to 127");
  }
}

TEST(CheckProblem, RefusesEmptySizes) {
  for (int which = 0; which < 3; ++which) {
    Problem p = problem(4);
    (which == 0 ? p.m : which == 1 ? p.n : p.k) = 0;
    EXPECT_THROW(check_problem(p), ShapeError);
  }
}

/// Expects one refusal for each change of a good requantisation.
template <typename ErrorType, typename Change>
void refuses(Change&& change) {
  Problem p = problem(4);
  RequantEpilogue e = good_requant();
  change(e);
  p.options.epilogue = e;
  EXPECT_THROW(check_problem(p), ErrorType);
}

TEST(CheckProblem, RefusesRequantisationThatMakesNoSense) {
  Problem p = problem(4);
  p.options.epilogue = good_requant();
  EXPECT_NO_THROW(check_problem(p));
  refuses<InvalidArgumentError>([](auto& e) { e.scales = {}; });
  refuses<InvalidArgumentError>([](auto& e) { e.fixed_point = {{1, 1}}; });
  refuses<InvalidArgumentError>([](auto& e) { e.scales = {0.0}; });
  refuses<InvalidArgumentError>([](auto& e) { e.scales = {-0.5}; });
  refuses<InvalidArgumentError>([](auto& e) { e.scales = {std::nan("")}; });
  refuses<InvalidArgumentError>([](auto& e) { e.scales = {1e300}; });
  refuses<InvalidArgumentError>([](auto& e) { e.scales = {1e-300}; });
  refuses<InvalidArgumentError>([](auto& e) {
    e.rounding = Rounding::kTflite;
    e.scales = {1.1e9};
  });
  refuses<ShapeError>([](auto& e) { e.scales = {1, 2}; });
  refuses<ShapeError>([](auto& e) { e.bias = {1}; });
  refuses<InvalidArgumentError>([](auto& e) { e.output = OutputFormat::kInt32; });
  refuses<ZeroPointError>([](auto& e) { e.out_zero = 128; });
  refuses<ZeroPointError>([](auto& e) {
    e.output = OutputFormat::kUint8;
    e.out_zero = -1;
  });
  refuses<InvalidArgumentError>([](auto& e) {
    e.clamp_lo = 5;
    e.clamp_hi = 4;
  });
  refuses<InvalidArgumentError>([](auto& e) {
    e.relu = true;
    e.clamp_hi = -1;
  });
}

TEST(CheckProblem, RefusesFixedPointOutsideItsRange) {
  const auto with = [](Rounding rounding, FixedPoint fixed) {
    return [=](RequantEpilogue& e) {
      e.scales.clear();
      e.rounding = rounding;
      e.fixed_point = {fixed};
    };
  };
  refuses<InvalidArgumentError>(with(Rounding::kOnnx, {1, 1}));
  for (const FixedPoint bad : {FixedPoint{-1, 1}, FixedPoint{1, 0}, FixedPoint{1, 63}}) {
    refuses<InvalidArgumentError>(with(Rounding::kTflite, bad));
  }
  for (const FixedPoint bad : {FixedPoint{-1, 1}, FixedPoint{1, 31}, FixedPoint{1, -32}}) {
    refuses<InvalidArgumentError>(with(Rounding::kGemmlowp, bad));
  }
  Problem p = problem(4);
  RequantEpilogue e;
  with(Rounding::kTflite, {3401, 21})(e);
  p.options.epilogue = e;
  EXPECT_NO_THROW(check_problem(p));
}

TEST(CheckProblem, RefusesAFloatClampThatIsEmptyOrNotANumber) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& [lo, hi] : {std::pair{1.0F, 0.5F}, std::pair{kNan, 1.0F}, {0.0F, kNan}}) {
    Problem p = problem(4);
    FloatEpilogue e;
    e.clamp_lo = lo;
    e.clamp_hi = hi;
    p.options.epilogue = e;
    EXPECT_THROW(check_problem(p), InvalidArgumentError) << lo << " " << hi;
  }
  Problem p = problem(4);
  p.options.epilogue = FloatEpilogue{.channel_scales = {1.0F}};
  EXPECT_THROW(check_problem(p), ShapeError);
}

TEST(CheckMatrix, RefusesWhatIsNoMatrix) {
  std::int8_t byte = 0;
  EXPECT_NO_THROW(check_matrix(MatrixView::row_major(&byte, Format::kInt4, 1, 1), "A"));
  EXPECT_THROW(check_matrix(MatrixView::row_major(nullptr, Format::kInt8, 1, 1), "A"),
               InvalidArgumentError);
  EXPECT_THROW(check_matrix(MatrixView::row_major(&byte, Format::kInt8, 0, 1), "A"), ShapeError);
  EXPECT_THROW(check_matrix(MatrixView::row_major(&byte, Format::kInt8, 1, 1).nibbles(), "A"),
               InvalidArgumentError);
}

TEST(CheckMatrix, RefusesScalesThatAreNotTheFormats) {
  const std::uint8_t bytes[64] = {};
  const auto refused = [&](Format format, const BlockScales& scales) -> std::string {
    try {
      check_matrix(MatrixView::row_major(bytes, format, 1, 64).with(scales), "A");
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  EXPECT_EQ(refused(Format::kMxfp4, {}), "matrix A is mxfp4, which needs scales: they are null");
  EXPECT_EQ(refused(Format::kMxfp4, {.data = bytes}), "");
  EXPECT_EQ(refused(Format::kMxfp4, {.data = bytes, .block = 32}), "");
  EXPECT_EQ(refused(Format::kMxfp4, {.data = bytes, .block = 16}),
            "matrix A is mxfp4 with blocks of 16 elements: they must have 32");
  EXPECT_EQ(refused(Format::kInt4Group, {.data = bytes}),
            "matrix A is int4_group with blocks of 0 elements: they must have 1 to 2147483647");
  EXPECT_EQ(refused(Format::kInt8, {.data = bytes}),
            "matrix A is int8, which has no scales: some are given");
  EXPECT_EQ(refused(Format::kInt8, {.block = 48}), "");
  EXPECT_EQ(refused(Format::kNvfp4, {.data = bytes, .zeros = bytes}),
            "matrix A is nvfp4, which has no zero-points: some are given");
  EXPECT_EQ(refused(Format::kUint4Group, {.data = bytes, .zeros = bytes, .block = 7}), "");
  EXPECT_NO_THROW(check_matrix(MatrixView::row_major(bytes, Format::kE2m1, 1, 64).nibbles(), "B"));
  EXPECT_THROW(check_matrix(MatrixView::row_major(bytes, Format::kE2m3, 1, 64).nibbles(), "B"),
               InvalidArgumentError);
}

std::string refusal(const Problem& p) {
  try {
    check_problem(p);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(CheckProblem, LetsScaledAndFloatingPointProductsMakeFloat32Only) {
  Problem p = problem(64, Format::kMxfp4, Format::kMxfp4);
  EXPECT_EQ(refusal(p),
            "mxfp4 x mxfp4 has FP32 sums: it takes the float epilogue, not the one of int32");
  p.options.epilogue = good_requant();
  EXPECT_NE(refusal(p), "");
  p.options.epilogue = FloatEpilogue{};
  EXPECT_EQ(refusal(p), "");
  p = problem(64, Format::kE2m1, Format::kInt8);
  EXPECT_NE(refusal(p), "") << "int32 of halves makes no sense";
}

TEST(CheckProblem, HasNoZeroPointsBesideScalesAndFloatingPoint) {
  Problem p = problem(64, Format::kUint8, Format::kMxfp4);
  p.options.epilogue = FloatEpilogue{};
  EXPECT_EQ(refusal(p),
            "A's zero-point 0 does not go with uint8 x mxfp4: it must be 128 for uint8");
  p.options.a_zero = 128;
  EXPECT_EQ(refusal(p), "");
  p.options.b_zero = 1;
  EXPECT_EQ(refusal(p), "B's zero-point 1 does not go with uint8 x mxfp4: it must be 0 for mxfp4");
}

TEST(CheckProblem, WantsTheFloatEpilogueForTensorScales) {
  Problem p = problem(64);
  p.a_tensor_scale = 0.5F;
  EXPECT_NE(refusal(p), "");
  p.options.epilogue = FloatEpilogue{};
  EXPECT_EQ(refusal(p), "");
}

TEST(CheckProblem, BoundsBlocksInsteadOfKWhereSumsAreScaled) {
  Problem p = problem(1'000'000, Format::kInt8, Format::kInt8Group);
  p.options.epilogue = FloatEpilogue{};
  p.b_block = 131072;
  EXPECT_EQ(refusal(p),
            "a block = 131072 could overflow int32: a block may be up to 131071 for int8 x "
            "int8_group with zero-points 0 and 0 and bias from 0 to 0");
  p.b_block = 131071;
  EXPECT_EQ(refusal(p), "");
  p = problem(1'000'000, Format::kE4m3, Format::kE4m3);
  p.options.epilogue = FloatEpilogue{};
  EXPECT_EQ(refusal(p), "") << "no sum of E4M3 is an int32";
}

TEST(CheckOutput, RefusesWrongShapesFormatsAndOverlap) {
  std::int32_t c[64];
  const Problem p = problem(4);  // makes 2 x 3
  EXPECT_NO_THROW(check_output(OutputView::row_major(c, 2, 3), p));
  EXPECT_NO_THROW(check_output(OutputView::col_major(c, OutputFormat::kInt32, 2, 3), p));
  EXPECT_THROW(check_output(OutputView::row_major(c, 3, 2), p), ShapeError);
  EXPECT_THROW(check_output(OutputView::row_major(reinterpret_cast<float*>(c), 2, 3), p),
               InvalidArgumentError);
  EXPECT_THROW(check_output(OutputView::row_major(static_cast<std::int32_t*>(nullptr), 2, 3), p),
               InvalidArgumentError);
  for (const auto& [row, col] : {std::pair{0, 1}, {1, 1}, {2, 1}, {3, 0}, {2, 2}, {-2, 1}}) {
    OutputView view = OutputView::row_major(c + 32, 2, 3);
    view.row_stride = row;
    view.col_stride = col;
    EXPECT_THROW(check_output(view, p), ShapeError) << row << " " << col;
  }
}

TEST(CheckResult, RefusesAnOperandThatTheCallDoesNotMake) {
  const Device reference = Device::open("reference");
  EXPECT_THROW(allocate_result(reference, 4, 8, OutputFormat::kFloat32), InvalidArgumentError);
  EXPECT_THROW(allocate_result(reference, 0, 8, OutputFormat::kMxfp4), ShapeError);
  const std::vector<std::uint8_t> codes(64), scales(8);
  MatrixView a = MatrixView::row_major(codes.data(), Format::kMxfp4, 8, 8);
  a.scales.data = scales.data();
  const MatrixView b = a.transposed();
  GemmOptions options;
  options.epilogue = FloatEpilogue{.output = OutputFormat::kMxfp4};
  const Operand right = allocate_result(reference, 8, 8, OutputFormat::kMxfp4);
  EXPECT_NO_THROW(gemm(reference, a, b, options, right));
  const Operand packed = pack(reference, Side::kB, b);
  EXPECT_THROW(gemm(reference, right, packed, options, right), InvalidArgumentError);
  const Operand narrow = allocate_result(reference, 8, 7, OutputFormat::kMxfp4);
  EXPECT_THROW(gemm(reference, a, b, options, narrow), ShapeError);
  const Operand other = allocate_result(reference, 8, 8, OutputFormat::kMxint8);
  EXPECT_THROW(gemm(reference, a, b, options, other), InvalidArgumentError);
  options.epilogue = FloatEpilogue{};
  EXPECT_THROW(gemm(reference, a, b, options, right), InvalidArgumentError);
}

}  // namespace
}  // namespace narrowgate
