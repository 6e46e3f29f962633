// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Single codes: the golden vectors, every code of every element, FP16 and BF16.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <random>
#include <sstream>
#include <string>

#include "reference.hpp"

namespace narrowgate::testing {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Golden {
  Format format;
  const char* file;
};
constexpr Golden kGolden[] = {{Format::kE2m1, "e2m1"},
                              {Format::kE2m3, "e2m3"},
                              {Format::kE3m2, "e3m2"},
                              {Format::kE4m3, "e4m3fn"},
                              {Format::kE5m2, "e5m2"}};

/// The rows of a file, without its heading.
std::vector<std::string> rows_of(const std::string& file) {
  std::ifstream in(std::string(NG_GOLDEN) + "/" + file);
  std::vector<std::string> rows;
  for (std::string line; std::getline(in, line);) rows.push_back(line);
  EXPECT_GT(rows.size(), 1U) << file;
  if (!rows.empty()) rows.erase(rows.begin());
  return rows;
}

TEST(Codes, DecodeAsTheGoldenVectorsDo) {
  for (const Golden& golden : kGolden) {
    const std::vector<std::string> rows = rows_of(std::string(golden.file) + "_decode.csv");
    EXPECT_EQ(rows.size(), std::size_t{1} << info(golden.format).bits);
    for (const std::string& row : rows) {
      unsigned code = 0;
      unsigned bits = 0;
      ASSERT_EQ(std::sscanf(row.c_str(), "%u,%x", &code, &bits), 2) << row;
      const float value = decode(golden.format, static_cast<std::uint8_t>(code));
      EXPECT_EQ(std::bit_cast<std::uint32_t>(value), bits) << golden.file << " code " << code;
    }
  }
}

TEST(Codes, EncodeAsTheGoldenVectorsDo) {
  std::size_t seen = 0;
  for (const Golden& golden : kGolden) {
    for (const std::string& row : rows_of(std::string(golden.file) + "_encode.csv")) {
      unsigned bits = 0;
      unsigned wrapping = 0;
      unsigned saturating = 0;
      ASSERT_EQ(std::sscanf(row.c_str(), "%x,%u,%u", &bits, &wrapping, &saturating), 3) << row;
      const auto value = std::bit_cast<float>(bits);
      SCOPED_TRACE(std::string(golden.file) + " " + row);
      EXPECT_EQ(encode(golden.format, value, false), wrapping);
      ++seen;
      if (std::isinf(value) && info(golden.format).specials != Specials::kNone) {
        // golden/README.md: the one difference.
        const unsigned sign = bits >> 31 << 7;
        EXPECT_EQ(encode(golden.format, value), info(golden.format).max_code + sign);
      } else {
        EXPECT_EQ(encode(golden.format, value), saturating);
      }
    }
  }
  EXPECT_EQ(seen, 3981U);
}

TEST(Codes, EveryNumberEncodesToItsOwnCode) {
  for (const FormatInfo& format : formats()) {
    if (format.has_scales()) continue;
    for (int c = 0; c < 1 << format.bits; ++c) {
      const auto code = static_cast<std::uint8_t>(c);
      const float value = decode(format.format, code);
      SCOPED_TRACE(std::string(format.name) + " code " + std::to_string(c));
      if (!std::isfinite(value)) {
        EXPECT_EQ(std::isnan(decode(format.format, encode(format.format, value, false))),
                  std::isnan(value));
      } else if (!format.is_float && value == static_cast<float>(format.min) && format.is_signed) {
        EXPECT_EQ(static_cast<std::int8_t>(encode(format.format, value)), -format.max)
            << "the most negative integer has no counterpart";
      } else {
        const unsigned mask =
            format.is_float || !format.is_signed ? 0xFFU : (1U << format.bits) - 1;
        EXPECT_EQ(encode(format.format, value) & mask, code & mask);
        EXPECT_EQ(encode(format.format, value, false) & mask, code & mask);
      }
    }
  }
}

TEST(Codes, IntegersAreHeldAsTheMatricesWantThem) {
  EXPECT_EQ(encode(Format::kInt4, -3), 0xFD) << "Storage::kBytes holds INT4 as an int8";
  EXPECT_EQ(decode(Format::kInt4, 0xFD), -3);
  EXPECT_EQ(decode(Format::kInt4, 0x0D), -3) << "bits above the width do not count";
  EXPECT_EQ(decode(Format::kUint4, 0x1F), 15);
  EXPECT_EQ(encode(Format::kUint4, 99), 15);
  EXPECT_EQ(encode(Format::kUint8, -5), 0);
  EXPECT_EQ(encode(Format::kUint8, kInfinity), 255);
  EXPECT_EQ(static_cast<std::int8_t>(encode(Format::kInt8, -kInfinity)), -127);
  EXPECT_EQ(encode(Format::kInt8, kNan), 0);
  EXPECT_EQ(encode(Format::kInt8, 2.5F), 2) << "ties to even";
  EXPECT_EQ(encode(Format::kInt8, 3.5F), 4);
}

TEST(Codes, NanKeepsItsSignWhereThereIsOneAndIsNegativeZeroWhereThereIsNone) {
  EXPECT_EQ(encode(Format::kE4m3, kNan), 0x7F);
  EXPECT_EQ(encode(Format::kE4m3, -kNan), 0xFF);
  EXPECT_EQ(encode(Format::kE5m2, kNan, false), 0x7E);
  EXPECT_EQ(encode(Format::kE5m2, -kNan), 0xFE);
  EXPECT_EQ(encode(Format::kE2m1, kNan), 0x8);
  EXPECT_EQ(encode(Format::kE2m3, -kNan), 0x20);
  EXPECT_EQ(encode(Format::kE3m2, kNan), 0x20);
}

TEST(Codes, OverflowIsTestedAfterRounding) {
  EXPECT_EQ(encode(Format::kE4m3, 464.0F, false), 0x7E);
  EXPECT_EQ(encode(Format::kE4m3, std::nextafter(464.0F, 500.0F), false), 0x7F);
  EXPECT_EQ(encode(Format::kE4m3, -1e9F, false), 0xFF);
  EXPECT_EQ(encode(Format::kE5m2, std::nextafter(61440.0F, 0.0F), false), 0x7B);
  EXPECT_EQ(encode(Format::kE5m2, 61440.0F, false), 0x7C);
  EXPECT_EQ(encode(Format::kE5m2, -61440.0F), 0xFB);
  EXPECT_EQ(encode(Format::kE2m1, 1e30F, false), 0x7);
}

TEST(Codes, ABlockFormatHasTheCodesOfItsElement) {
  EXPECT_EQ(decode(Format::kMxfp4, 7), 6);
  EXPECT_EQ(decode(Format::kNvfp4, 0xF), -6);
  EXPECT_EQ(decode(Format::kMxint8, 0x81), -127) << "before the element's own exponent";
}

TEST(Codes, E8m0ScalesAreTheNearestPowerOfTwo) {
  constexpr std::uint32_t kSeed = 32;
  std::mt19937 random(kSeed);
  EXPECT_TRUE(std::isnan(decode_scale(ScaleKind::kE8m0, 255)));
  for (int code = 0; code < 255; ++code) {
    const float value = std::ldexp(1.0F, code - 127);
    const auto byte = static_cast<std::uint8_t>(code);
    ASSERT_EQ(decode_scale(ScaleKind::kE8m0, byte), value);
    ASSERT_EQ(encode_scale(ScaleKind::kE8m0, value), code);
    ASSERT_EQ(encode_scale(ScaleKind::kE8m0, value * 1.5F), std::min(254, code + code % 2)) << code;
    ASSERT_EQ(encode_scale(ScaleKind::kE8m0, std::nextafter(value * 1.5F, 0.0F)), code);
    for (int i = 0; i < 20; ++i) {
      const float between = value * (1 + static_cast<float>(random() % 65536) / 65536);
      if (!std::isfinite(between)) continue;
      const bool up = static_cast<double>(between) > 1.5 * static_cast<double>(value);
      if (static_cast<double>(between) == 1.5 * static_cast<double>(value)) continue;
      ASSERT_EQ(encode_scale(ScaleKind::kE8m0, between), std::min(254, code + (up ? 1 : 0)))
          << between << " seed " << kSeed;
    }
  }
  EXPECT_EQ(encode_scale(ScaleKind::kE8m0, 0.0F), 0);
  EXPECT_EQ(encode_scale(ScaleKind::kE8m0, -0.0F), 0);
  for (const float bad : {-1.0F, kInfinity, -kInfinity, kNan}) {
    EXPECT_EQ(encode_scale(ScaleKind::kE8m0, bad), 0xFF) << bad;
  }
}

TEST(Codes, Ue4m3ScalesAreE4m3WithoutSign) {
  for (int code = 0; code < 128; ++code) {
    const auto byte = static_cast<std::uint8_t>(code);
    const float value = decode_scale(ScaleKind::kUe4m3, byte);
    EXPECT_EQ(std::isnan(value), code == 127);
    if (code != 127) {
      EXPECT_EQ(value, decode(Format::kE4m3, byte));
    }
    EXPECT_EQ(encode_scale(ScaleKind::kUe4m3, value), code);
  }
  EXPECT_EQ(encode_scale(ScaleKind::kUe4m3, 1e9F), 0x7E);
  EXPECT_EQ(encode_scale(ScaleKind::kUe4m3, -2.0F), 0);
}

/// The nearest number with `mantissa` bits after the leading one and no exponent below `lowest`.
double nearest(double x, int mantissa, int lowest) {
  const double step = std::exp2(std::max(std::ilogb(x), lowest) - mantissa);
  return round_to_even(x / step) * step;
}

TEST(Codes, SixteenBitFloatsConvertAsIeeeSays) {
  constexpr std::uint32_t kSeed = 31;
  std::mt19937 random(kSeed);
  for (int i = 0; i < 2'000'000; ++i) {
    const auto x = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (!std::isfinite(x) || x == 0) continue;
    const double magnitude = std::fabs(static_cast<double>(x));
    const double fp16 = nearest(magnitude, 10, -14);
    ASSERT_EQ(std::fabs(fp16_to_float(float_to_fp16(x))), fp16 >= 65536 ? HUGE_VAL : fp16)
        << x << " seed " << kSeed;
    const double bf16 = nearest(magnitude, 7, -126);
    ASSERT_EQ(std::fabs(bf16_to_float(float_to_bf16(x))), bf16 >= 0x1p128 ? HUGE_VAL : bf16)
        << x << " seed " << kSeed;
    ASSERT_EQ(std::signbit(fp16_to_float(float_to_fp16(x))), std::signbit(x));
  }
  for (std::uint32_t code = 0; code < 65536; ++code) {
    const auto c = static_cast<std::uint16_t>(code);
    if (!std::isnan(fp16_to_float(c))) {
      ASSERT_EQ(float_to_fp16(fp16_to_float(c)), code);
    }
    if (!std::isnan(bf16_to_float(c))) {
      ASSERT_EQ(float_to_bf16(bf16_to_float(c)), code);
    }
  }
  EXPECT_EQ(float_to_fp16(kInfinity), 0x7C00);
  EXPECT_EQ(float_to_bf16(-kInfinity), 0xFF80);
  EXPECT_TRUE(std::isnan(fp16_to_float(float_to_fp16(kNan))));
  EXPECT_TRUE(std::isnan(bf16_to_float(float_to_bf16(-kNan))));
}

}  // namespace
}  // namespace narrowgate::testing
