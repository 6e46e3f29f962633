// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "gemmlowp_replay/test_data.hpp"

namespace examples {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const char* const kSource = R"(
#include "test_data.h"
namespace test_data {
extern const bool is_a_transposed = true;
extern const bool is_b_transposed = false;
extern const bool is_c_transposed = false;
extern const int m = 2;
extern const int n = 1;
extern const int k = 3;
extern const int a_offset = -84;
extern const int b_offset = 0;
extern const int c_mult_int = 3401;
extern const int c_shift = 21;
extern const int c_offset = 74980;
extern const int a_count = (m * k);
unsigned char a_data[a_count] = {
  1, 2, 3,
  4, 5, 255,
};
unsigned char b_data[b_count] = { 7, 8, 9, };
unsigned char expected_c_data[c_count] = { 10, 11, };
}
)";

std::string with(const std::string& from, const std::string& to) {
  std::string source = kSource;
  return source.replace(source.find(from), from.size(), to);
}

std::string refusal(const std::string& source) {
  try {
    parse_gemmlowp_data(source);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "was read";
}

TEST(GemmlowpData, IsReadFromItsSource) {
  const GemmlowpData data = parse_gemmlowp_data(kSource);
  EXPECT_EQ(data.m, 2);
  EXPECT_EQ(data.n, 1);
  EXPECT_EQ(data.k, 3);
  EXPECT_EQ(data.a_offset, -84);
  EXPECT_EQ(data.b_offset, 0);
  EXPECT_EQ(data.c_offset, 74980);
  EXPECT_EQ(data.c_mult_int, 3401);
  EXPECT_EQ(data.c_shift, 21);
  EXPECT_TRUE(data.is_a_transposed);
  EXPECT_FALSE(data.is_b_transposed);
  EXPECT_FALSE(data.is_c_transposed);
  EXPECT_THAT(data.a, ElementsAre(1, 2, 3, 4, 5, 255));
  EXPECT_THAT(data.b, ElementsAre(7, 8, 9));
  EXPECT_THAT(data.expected_c, ElementsAre(10, 11));
}

TEST(GemmlowpData, IsRefusedWhenSomethingIsMissingOrDoesNotFit) {
  EXPECT_THAT(refusal(""), HasSubstr("no m in"));
  EXPECT_THAT(refusal(with("int c_shift", "int c_drift")), HasSubstr("no c_shift"));
  EXPECT_THAT(refusal(with("m = 2", "m = two")), HasSubstr("m = two"));
  EXPECT_THAT(refusal(with("m = 2", "m = -2")), HasSubstr("it must be 1 to"));
  EXPECT_THAT(refusal(with("c_shift = 21", "c_shift = 63")), HasSubstr("1 to 62"));
  EXPECT_THAT(refusal(with("255", "256")), HasSubstr("a_data[5]"));
  EXPECT_THAT(refusal(with("7, 8", "7")), HasSubstr("2 entries in gemmlowp's data: 3"));
  const std::string whole = kSource;
  EXPECT_THAT(refusal(whole.substr(0, whole.find("10, 11"))), HasSubstr("no expected_c_data"));
}

}  // namespace
}  // namespace examples
