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
    // What travels on the card is a signed number of the same width.
    EXPECT_EQ(row.min - row.offset, -(1 << (row.bits - 1))) << row.name;
  }
  EXPECT_EQ(info(Format::kInt8).code, 0U);
  EXPECT_EQ(info(Format::kUint8).code, 1U);
  EXPECT_EQ(info(Format::kInt4).code, 2U);
  EXPECT_EQ(info(Format::kUint4).code, 3U);
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
                 "unknown element format 'int7': it must be one of int8, uint8, int4, uint4");
  }
  EXPECT_THROW(parse_output_format("int4"), UnsupportedError);
}

}  // namespace
}  // namespace narrowgate
