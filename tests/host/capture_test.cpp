// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/capture.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace narrowgate::internal {
namespace {

TEST(Capture, KeepsEveryKindOfOutputAndGivesTheDescriptorsBack) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  std::printf("before ");
  std::string text;
  {
    CaptureOutput capture;
    std::printf("one\n");
    std::cout << "two";
    std::cerr << "three ";
    EXPECT_EQ(write(STDERR_FILENO, "four\n\n", 6), 6);
    text = capture.finish();
  }
  std::printf("after");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "before after");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_NE(text.find("one"), std::string::npos) << text;
  EXPECT_NE(text.find("two"), std::string::npos) << text;
  EXPECT_NE(text.find("three"), std::string::npos) << text;
  EXPECT_NE(text.find("four"), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
}

TEST(Capture, EndsWithItsScope) {
  ::testing::internal::CaptureStdout();
  {
    const CaptureOutput capture;
  }
  std::printf("shown");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "shown");
}

}  // namespace
}  // namespace narrowgate::internal
