// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "problem.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace bench {
namespace {

using narrowgate::Format;

TEST(Problem, IsReadAsItIsWritten) {
  EXPECT_EQ(parse_problem("m512n256k1024:int8:mxfp4"),
            (Problem{512, 256, 1024, Format::kInt8, Format::kMxfp4}));
  EXPECT_EQ(parse_problem("m1n4096k16777216:uint4"),
            (Problem{1, 4096, 16777216, Format::kUint4, Format::kUint4}));
  EXPECT_EQ(parse_problem("m64n64k64x16"), (Problem{64, 64, 64, Format::kInt8, Format::kInt8, 16}));
  EXPECT_EQ(parse_problem("m3n2k1"), (Problem{3, 2, 1, Format::kInt8, Format::kInt8}));
  for (const narrowgate::FormatInfo& a : narrowgate::formats()) {
    for (const narrowgate::FormatInfo& b : narrowgate::formats()) {
      const Problem problem{12, 345, 6789, a.format, b.format};
      EXPECT_EQ(parse_problem(problem.name()), problem) << problem.name();
    }
  }
}

TEST(Problem, IsRefusedWithTheGrammar) {
  for (const char* text : {"", "m", "m1n1", "m1n1k", "m0n1k1", "n1m1k1", "m1n1k1:", "m1n1k1 ",
                           "m1n1k16777217", "m1n1k99999999999999999999", "m-1n1k1",
                           "m1n1k1:int8:int8:int8", "m1n1k1x", "m1n1k1x0", "512x512x512"}) {
    EXPECT_ANY_THROW(parse_problem(text)) << text;
  }
  try {
    parse_problem("512x512x512");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(),
                 "problem '512x512x512': write m<M>n<N>k<K>[x<calls>]:<format of A>:<format of "
                 "B>, sizes from 1 to 2^24, e.g. m512n256k1024:int8:mxfp4");
  }
  EXPECT_THROW(parse_problem("m1n1k1:int9"), narrowgate::Error);
}

TEST(Problem, IsHeldByAnImageThatListsItsPair) {
  narrowgate::DeviceInfo device;
  device.formats = {Format::kInt8, Format::kInt4};
  EXPECT_TRUE(is_held(device, parse_problem("m1n1k1:int8:int4")));
  EXPECT_FALSE(is_held(device, parse_problem("m1n1k1:int8:mxfp4")));
  device.pairs = {{Format::kInt8, Format::kInt8}};
  EXPECT_TRUE(is_held(device, parse_problem("m1n1k1")));
  EXPECT_FALSE(is_held(device, parse_problem("m1n1k1:int8:int4")));
}

}  // namespace
}  // namespace bench
