// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate/format.hpp"

#include <gtest/gtest.h>

#include "narrowgate/error.hpp"

namespace narrowgate {
namespace {

TEST(Format, TableIsConsistent) {
  for (const FormatInfo& row : formats()) {
    EXPECT_EQ(&info(row.format), &row);
    EXPECT_EQ(parse_format(row.name), row.format);
    EXPECT_EQ(row.max - row.min, (1 << row.bits) - 1) << row.name;
    EXPECT_EQ(row.min < 0, row.is_signed) << row.name;
    EXPECT_EQ(row.pad_code, row.offset) << row.name << ": the pad code must decode to 0";
    const FormatInfo& element = info(row.element);
    EXPECT_EQ(element.element, row.element) << row.name;
    EXPECT_FALSE(element.has_scales()) << row.name;
    EXPECT_EQ(row.code & 0xFF, element.code) << row.name;
    EXPECT_EQ(row.code >> 8, static_cast<std::uint32_t>(row.scale)) << row.name;
    if (row.is_float) {
      EXPECT_EQ(row.bits, 1 + row.exponent_bits + row.mantissa_bits) << row.name;
      EXPECT_EQ(row.lsb, 1 - row.bias - row.mantissa_bits) << row.name;
      EXPECT_EQ(row.offset, 0) << row.name;
    } else {
      // What travels on the card is a signed number of the same width.
      EXPECT_EQ(row.min - row.offset, -(1 << (row.bits - 1))) << row.name;
    }
  }
}

TEST(Format, HasTheCodesOfTheSeams) {
  EXPECT_EQ(info(Format::kInt8).code, 0U);
  EXPECT_EQ(info(Format::kUint8).code, 1U);
  EXPECT_EQ(info(Format::kInt4).code, 2U);
  EXPECT_EQ(info(Format::kUint4).code, 3U);
  EXPECT_EQ(info(Format::kE5m2).code, 8U);
  EXPECT_EQ(info(Format::kMxfp4).code, 0x104U);
  EXPECT_EQ(info(Format::kMxint8).code, 0x100U);
  EXPECT_EQ(info(Format::kNvfp4).code, 0x204U);
  EXPECT_EQ(info(Format::kInt4Group).code, 0x302U);
  EXPECT_EQ(info(Format::kUint4Group).code, 0x403U);
  EXPECT_EQ(info(Format::kE4m3Group).code, 0x307U);
}

TEST(Format, ReadsNamesOfGroups) {
  EXPECT_EQ(parse_blocked_format("int4_g128"), (BlockedFormat{Format::kInt4Group, 128}));
  EXPECT_EQ(parse_blocked_format("uint4_g1"), (BlockedFormat{Format::kUint4Group, 1}));
  EXPECT_EQ(parse_blocked_format("int8_group"), (BlockedFormat{Format::kInt8Group, 32}));
  EXPECT_EQ(parse_blocked_format("nvfp4"), (BlockedFormat{Format::kNvfp4, 16}));
  EXPECT_EQ(parse_blocked_format("int4"), (BlockedFormat{Format::kInt4, 0}));
  for (const char* bad : {"int4_g0", "int4_g", "int4_g-1", "int4_g2147483648", "int5_g32",
                          "uint8_g32", "mxfp4_g32", "_g32", "", "g"}) {
    EXPECT_THROW(parse_blocked_format(bad), UnsupportedError) << bad;
  }
  EXPECT_EQ(parse_blocked_format("fp8_e4m3_g128"), (BlockedFormat{Format::kE4m3Group, 128}));
  for (const char* name :
       {"fp8_e5m2_g64", "int4_g128", "uint4_g7", "int8_g32", "mxfp8_e5m2", "uint8"}) {
    EXPECT_EQ(to_string(parse_blocked_format(name)), name);
  }
}

TEST(Format, OutputTableIsConsistent) {
  for (const OutputFormatInfo& row : output_formats()) {
    EXPECT_EQ(&info(row.format), &row);
    EXPECT_EQ(parse_output_format(row.name), row.format);
  }
}

TEST(Format, NamesWhatItKnowsWhenItRefuses) {
  try {
    parse_format("int7");
    FAIL();
  } catch (const UnsupportedError& error) {
    EXPECT_STREQ(error.what(),
                 "unknown format 'int7': it must be one of int8, uint8, int4, uint4, fp4_e2m1, "
                 "fp6_e2m3, fp6_e3m2, fp8_e4m3, fp8_e5m2, mxfp8_e4m3, mxfp8_e5m2, mxfp6_e2m3, "
                 "mxfp6_e3m2, mxfp4, mxint8, nvfp4, int8_group, int4_group, uint4_group, "
                 "fp8_e4m3_group, fp8_e5m2_group");
  }
  EXPECT_THROW(parse_output_format("int4"), UnsupportedError);
}

}  // namespace
}  // namespace narrowgate
