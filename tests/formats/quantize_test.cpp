// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The quantisers against the reference, bit for bit, and what must not change a bit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "reference.hpp"

namespace narrowgate::testing {
namespace {

using ::testing::Each;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr ScaleRule kRules[] = {ScaleRule::kFloor, ScaleRule::kRceil, ScaleRule::kEven,
                                ScaleRule::kCeil};

/// Random numbers of a kind: what weights look like, and what they should not.
enum class Kind { kNormal, kWide, kBits, kSparse, kTies };
constexpr Kind kKinds[] = {Kind::kNormal, Kind::kWide, Kind::kBits, Kind::kSparse, Kind::kTies};

std::vector<float> numbers(Kind kind, std::size_t count, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::uniform_int_distribution<int> exponent(-140, 120);
  std::vector<float> out(count);
  for (float& x : out) {
    const auto bits = static_cast<std::uint32_t>(random());
    switch (kind) {
      case Kind::kNormal:
        x = normal(random);
        break;
      case Kind::kWide:
        x = std::ldexp(normal(random), exponent(random));
        break;
      case Kind::kBits:  // any number, now and then a NaN or an infinity
        x = std::bit_cast<float>(bits);
        if (!std::isfinite(x) && random() % 4 != 0) x = 1;
        break;
      case Kind::kSparse:
        x = random() % 50 == 0 ? normal(random) : std::copysign(0.0F, normal(random));
        break;
      case Kind::kTies:
        x = static_cast<float>(static_cast<int>(bits % 4097) - 2048) / 16;
        break;
    }
  }
  return out;
}

/// Equal, and all NaN the same.
::testing::AssertionResult same_floats(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return ::testing::AssertionFailure() << a.size() << " of " << b.size();
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i]) &&
        !(std::isnan(a[i]) && std::isnan(b[i]))) {
      return ::testing::AssertionFailure() << "[" << i << "] " << a[i] << " and " << b[i];
    }
  }
  return ::testing::AssertionSuccess();
}

void expect_same(const QuantizedMatrix& got, const QuantizedMatrix& wanted) {
  EXPECT_EQ(got.block, wanted.block);
  EXPECT_EQ(got.tensor_scale, wanted.tensor_scale);
  EXPECT_EQ(got.zero, wanted.zero);
  EXPECT_TRUE(same_floats(got.lane_scales, wanted.lane_scales));
  EXPECT_TRUE(same_floats(got.scales, wanted.scales));
  EXPECT_EQ(got.scale_codes, wanted.scale_codes);
  EXPECT_EQ(got.zeros, wanted.zeros);
  EXPECT_EQ(got.codes, wanted.codes);
}

std::vector<BlockedFormat> all_formats() {
  std::vector<BlockedFormat> all;
  for (const FormatInfo& format : formats()) {
    if (format.is_group()) {
      for (const std::size_t block : {32U, 128U, 7U}) all.push_back({format.format, block});
    } else {
      all.push_back({format.format, format.block});
    }
  }
  return all;
}

/// The options that matter to a format.
std::vector<QuantizeOptions> options_for(const FormatInfo& format) {
  std::vector<QuantizeOptions> all;
  for (const bool saturate : {true, false}) {
    QuantizeOptions options;
    options.saturate = saturate;
    if (format.scale == ScaleKind::kE8m0) {
      for (const ScaleRule rule : kRules) {
        options.scale_rule = rule;
        all.push_back(options);
      }
    } else if (format.is_group()) {
      options.fp16_scales = !saturate;
      all.push_back(options);
    } else if (!format.has_scales()) {
      for (const ScaleSpan span : {ScaleSpan::kNone, ScaleSpan::kTensor, ScaleSpan::kLane}) {
        options.span = span;
        if (span != ScaleSpan::kLane || format.is_float || format.is_signed) all.push_back(options);
      }
    } else {
      all.push_back(options);
    }
  }
  return all;
}

TEST(Quantize, EqualsTheReferenceInEveryFormatRuleAndShape) {
  constexpr std::uint32_t kSeed = 4711;
  std::mt19937 random(kSeed);
  struct Shape {
    std::size_t rows, cols;
  };
  for (const BlockedFormat& format : all_formats()) {
    for (const QuantizeOptions& options : options_for(info(format.format))) {
      for (const Kind kind : kKinds) {
        for (const auto& [rows, cols] :
             {Shape{1, 1}, {3, 33}, {33, 3}, {5, 257}, {17, 64}, {2, 1100}, {1100, 2}}) {
          const std::vector<float> values = numbers(kind, rows * cols, random);
          for (const Side side : {Side::kA, Side::kB}) {
            SCOPED_TRACE(to_string(format) + " " + std::string(to_string(options.scale_rule)) +
                         " saturate " + std::to_string(options.saturate) + " span " +
                         std::to_string(static_cast<int>(options.span)) + " kind " +
                         std::to_string(static_cast<int>(kind)) + " " + std::to_string(rows) + "x" +
                         std::to_string(cols) + " seed " + std::to_string(kSeed));
            const QuantizedMatrix got =
                quantize(FloatView::row_major(values.data(), rows, cols), side, format, options);
            expect_same(got, reference_quantize(values, rows, cols, side, format, options));
            EXPECT_TRUE(same_floats(dequantize(got), reference_dequantize(got)));
            if (::testing::Test::HasFailure()) return;
          }
        }
      }
    }
  }
}

TEST(Quantize, DoesNotDependOnTheNumberOfThreads) {
  constexpr std::uint32_t kSeed = 5;
  std::mt19937 random(kSeed);
  constexpr std::size_t kRows = 131;
  constexpr std::size_t kCols = 4099;
  const std::vector<float> values = numbers(Kind::kWide, kRows * kCols, random);
  for (const BlockedFormat& format : all_formats()) {
    for (const Side side : {Side::kA, Side::kB}) {
      SCOPED_TRACE(to_string(format) + " seed " + std::to_string(kSeed));
      QuantizeOptions options;
      options.stochastic_seed = 9;
      options.threads = 1;
      const FloatView view = FloatView::row_major(values.data(), kRows, kCols);
      const QuantizedMatrix one = quantize(view, side, format, options);
      options.threads = 5;
      expect_same(quantize(view, side, format, options), one);
      EXPECT_TRUE(same_floats(dequantize(one, 1), dequantize(one, 3)));
    }
  }
}

TEST(Quantize, DoesNotDependOnHowTheMatrixLies) {
  constexpr std::uint32_t kSeed = 6;
  std::mt19937 random(kSeed);
  constexpr std::size_t kRows = 70;
  constexpr std::size_t kCols = 1100;
  const std::vector<float> values = numbers(Kind::kNormal, kRows * kCols, random);
  std::vector<float> columns(kRows * kCols);
  std::vector<float> apart(kRows * kCols * 6);
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t c = 0; c < kCols; ++c) {
      columns[c * kRows + r] = values[r * kCols + c];
      // Backwards, every second element of every third row.
      apart[(kRows - 1 - r) * 6 * kCols + 2 * (kCols - 1 - c)] = values[r * kCols + c];
    }
  }
  const FloatView backwards{apart.data() + (kRows - 1) * 6 * kCols + 2 * (kCols - 1),
                            FloatType::kFloat32,
                            kRows,
                            kCols,
                            -6 * static_cast<std::ptrdiff_t>(kCols),
                            -2};
  for (const BlockedFormat& format : all_formats()) {
    for (const Side side : {Side::kA, Side::kB}) {
      SCOPED_TRACE(to_string(format));
      const QuantizedMatrix wanted =
          quantize(FloatView::row_major(values.data(), kRows, kCols), side, format);
      expect_same(quantize(FloatView::col_major(columns.data(), FloatType::kFloat32, kRows, kCols),
                           side, format),
                  wanted);
      expect_same(quantize(backwards, side, format), wanted);
    }
  }
}

TEST(Quantize, TakesFp16AndBf16AsTheNumbersThatTheyAre) {
  constexpr std::uint32_t kSeed = 7;
  std::mt19937 random(kSeed);
  constexpr std::size_t kRows = 530;
  constexpr std::size_t kCols = 67;
  for (const FloatType type : {FloatType::kFloat16, FloatType::kBfloat16}) {
    const auto widen = type == FloatType::kFloat16 ? fp16_to_float : bf16_to_float;
    std::vector<std::uint16_t> narrow(kRows * kCols);
    std::vector<float> wide(narrow.size());
    for (std::size_t i = 0; i < narrow.size(); ++i) {
      narrow[i] = static_cast<std::uint16_t>(random());
      wide[i] = widen(narrow[i]);
    }
    for (const BlockedFormat& format : all_formats()) {
      for (const Side side : {Side::kA, Side::kB}) {
        SCOPED_TRACE(to_string(format) + " from " + std::string(to_string(type)));
        expect_same(quantize(FloatView::row_major(narrow.data(), type, kRows, kCols), side, format),
                    quantize(FloatView::row_major(wide.data(), kRows, kCols), side, format));
      }
    }
  }
}

TEST(Quantize, IntoAMatrixThatIsThereLeavesNothingOfIt) {
  constexpr std::uint32_t kSeed = 8;
  std::mt19937 random(kSeed);
  QuantizedMatrix again;
  std::size_t rows = 60;
  for (const BlockedFormat& format : all_formats()) {
    SCOPED_TRACE(to_string(format));
    rows = 67 - rows + random() % 5;  // more, then less
    const std::vector<float> values = numbers(Kind::kNormal, rows * 40, random);
    const FloatView view = FloatView::row_major(values.data(), rows, 40);
    for (const Side side : {Side::kA, Side::kB}) {
      quantize_into(again, view, side, format);
      const QuantizedMatrix wanted = quantize(view, side, format);
      expect_same(again, wanted);
      EXPECT_EQ(again.rows, rows);
      EXPECT_EQ(again.format, wanted.format);
      EXPECT_EQ(again.side, side);
    }
  }
  const std::uint8_t* const memory = again.codes.data();
  const std::vector<float> values(40, 1.0F);
  quantize_into(again, FloatView::row_major(values.data(), 1, 40), Side::kA, {Format::kMxfp4, 32});
  EXPECT_EQ(again.codes.data(), memory);
}

QuantizedMatrix row_of(const std::vector<float>& values, Format format,
                       const QuantizeOptions& options = {}) {
  return quantize(FloatView::row_major(values.data(), 1, values.size()), Side::kA,
                  {format, info(format).is_group() ? 32 : info(format).block}, options);
}

TEST(Quantize, ABlockOfZerosHasScaleCodeZeroAndElementsZero) {
  std::vector<float> zeros(64, 0.0F);
  zeros[3] = -0.0F;
  for (const Format format :
       {Format::kMxfp8E4m3, Format::kMxfp8E5m2, Format::kMxfp6E2m3, Format::kMxfp6E3m2,
        Format::kMxfp4, Format::kMxint8, Format::kNvfp4}) {
    const QuantizedMatrix q = row_of(zeros, format);
    EXPECT_THAT(q.scale_codes, Each(0)) << info(format).name;
    EXPECT_THAT(q.codes, Each(0)) << info(format).name;
  }
  for (const Format format : {Format::kInt8Group, Format::kInt4Group, Format::kUint4Group}) {
    const QuantizedMatrix q = row_of(zeros, format);
    EXPECT_THAT(q.scales, Each(1.0F)) << info(format).name;
    EXPECT_THAT(dequantize(q), Each(0.0F)) << info(format).name;
  }
}

TEST(Quantize, ANanOrAnInfinitySpoilsItsOwnBlockOnly) {
  for (const float bad : {kNan, -kNan, kInfinity, -kInfinity}) {
    for (const FormatInfo& format : formats()) {
      if (!format.has_scales()) continue;
      std::vector<float> values(96, 1.5F);
      values[40] = bad;
      const QuantizedMatrix q = row_of(values, format.format);
      const std::vector<float> back = dequantize(q);
      const std::size_t first = 40 / q.block * q.block;
      for (std::size_t i = 0; i < back.size(); ++i) {
        EXPECT_EQ(std::isnan(back[i]), i >= first && i < first + q.block)
            << format.name << " [" << i << "]";
      }
      if (format.scale == ScaleKind::kE8m0) {
        EXPECT_EQ(q.scale_codes[40 / q.block], 0xFF);
      }
      if (format.scale == ScaleKind::kUe4m3) {
        EXPECT_EQ(q.scale_codes[40 / q.block], 0x7F);
      }
    }
  }
}

TEST(Quantize, ScaleRulesDifferWhereTheyShould) {
  const auto scale = [](float amax, ScaleRule rule, Format format = Format::kMxfp4) {
    QuantizeOptions options;
    options.scale_rule = rule;
    return row_of({amax, 0.1F}, format, options).scale_codes[0] - 127;
  };
  using enum ScaleRule;
  // E2M1 ends at 6 = 1.5·2^2.
  EXPECT_EQ(scale(6, kFloor), 0);
  EXPECT_EQ(scale(6, kRceil), 0);
  EXPECT_EQ(scale(6, kEven), 0);
  EXPECT_EQ(scale(6, kCeil), 1);
  EXPECT_EQ(scale(6.01F, kFloor), 0);
  EXPECT_EQ(scale(6.01F, kRceil), 1);
  EXPECT_EQ(scale(6.01F, kEven), 0);
  EXPECT_EQ(scale(7, kEven), 1) << "1.75 rounds to 2, the even neighbour";
  EXPECT_EQ(scale(6.999F, kEven), 0);
  EXPECT_EQ(scale(4, kCeil), 0);
  EXPECT_EQ(scale(448, kRceil, Format::kMxfp8E4m3), 0);
  EXPECT_EQ(scale(449, kRceil, Format::kMxfp8E4m3), 1);
  EXPECT_EQ(scale(449, kFloor, Format::kMxfp8E4m3), 0);
  EXPECT_EQ(scale(1.99F, kFloor, Format::kMxint8), 0) << "MXINT8 holds up to 127/64";
  EXPECT_EQ(scale(1.99F, kRceil, Format::kMxint8), 1);
  EXPECT_EQ(scale(1.984375F, kRceil, Format::kMxint8), 0);
}

TEST(Quantize, ScalesEndWhereE8m0Does) {
  constexpr float kMax = std::numeric_limits<float>::max();
  constexpr float kMin = std::numeric_limits<float>::denorm_min();
  for (const ScaleRule rule : kRules) {
    QuantizeOptions options;
    options.scale_rule = rule;
    for (const Format format : {Format::kMxfp4, Format::kMxfp8E5m2, Format::kMxint8}) {
      SCOPED_TRACE(std::string(info(format).name) + " " + std::string(to_string(rule)));
      const QuantizedMatrix large = row_of({kMax, -kMax, 1}, format, options);
      EXPECT_LE(large.scale_codes[0], 254);
      EXPECT_TRUE(std::isfinite(decode(format, large.codes[0])));
      const QuantizedMatrix small = row_of({kMin, -kMin}, format, options);
      EXPECT_LE(small.scale_codes[0], 1);
    }
  }
  EXPECT_EQ(row_of({kMax}, Format::kMxint8, {.scale_rule = ScaleRule::kCeil}).scale_codes[0], 254);
}

TEST(Quantize, FloorSaturatesOrNotAsAsked) {
  // 1.9375·2^8 = 496: the scale is 1, and 496 is beyond 448.
  QuantizeOptions options;
  EXPECT_EQ(row_of({496, 1}, Format::kMxfp8E4m3, options).codes[0], 0x7E);
  options.saturate = false;
  EXPECT_EQ(row_of({496, 1}, Format::kMxfp8E4m3, options).codes[0], 0x7F);
  EXPECT_EQ(row_of({-65000, 1}, Format::kMxfp8E5m2, options).codes[0], 0xFC);
  EXPECT_EQ(row_of({7.9F, 1}, Format::kMxfp4, options).codes[0], 0x7) << "E2M1 saturates always";
}

TEST(Quantize, Nvfp4UsesTheRangeOfBothScales) {
  std::vector<float> values(32, 0.01F);
  values[0] = -2688;
  const QuantizedMatrix q = row_of(values, Format::kNvfp4);
  EXPECT_EQ(q.tensor_scale, 1.0F);
  EXPECT_EQ(q.scale_codes[0], 0x7E) << "448";
  EXPECT_EQ(q.codes[0], 0xF) << "-6";
  EXPECT_EQ(q.scale_codes[1], 1) << "the smallest scale, 2^-9";
  EXPECT_EQ(dequantize(q)[0], -2688);
  QuantizeOptions options;
  options.tensor_scale = 0.5F;
  EXPECT_EQ(row_of(values, Format::kNvfp4, options).tensor_scale, 0.5F);
}

TEST(Quantize, UnsignedIntegersPutZeroOnACode) {
  constexpr std::uint32_t kSeed = 8;
  std::mt19937 random(kSeed);
  for (const Kind kind : {Kind::kNormal, Kind::kWide, Kind::kSparse}) {
    std::vector<float> values = numbers(kind, 256, random);
    values[17] = 0;
    for (const Format format : {Format::kUint8, Format::kUint4, Format::kUint4Group}) {
      EXPECT_EQ(dequantize(row_of(values, format))[17], 0)
          << info(format).name << " seed " << kSeed;
    }
  }
}

TEST(Quantize, ViewShowsWhatIsHeld) {
  const std::vector<float> values(6 * 40, 0.5F);
  const QuantizedMatrix a =
      quantize(FloatView::row_major(values.data(), 6, 40), Side::kA, {Format::kMxfp4, 32});
  const MatrixView view = a.view();
  EXPECT_EQ(view.row_stride, 40);
  EXPECT_EQ(view.scales.data, a.scale_codes.data());
  EXPECT_EQ(view.scales.lane_stride, 2);
  EXPECT_TRUE(same_floats(dequantize(view, Side::kA), dequantize(a)));
  const QuantizedMatrix b =
      quantize(FloatView::row_major(values.data(), 40, 6), Side::kB, {Format::kUint4Group, 16});
  EXPECT_EQ(b.view().col_stride, 40);
  EXPECT_EQ(b.view().scales.zeros, b.zeros.data());
  EXPECT_EQ(b.view().scales.lane_stride, 3);
  EXPECT_TRUE(same_floats(dequantize(b.view(), Side::kB), dequantize(b)));
}

}  // namespace
}  // namespace narrowgate::testing
