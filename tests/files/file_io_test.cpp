// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "files/file_io.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string>

#include "narrowgate/error.hpp"
#include "subprocess.hpp"

namespace narrowgate::internal {
namespace {

namespace fs = std::filesystem;
using ::narrowgate::testing::TemporaryFolder;
using ::testing::HasSubstr;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::span<const std::byte> bytes(const std::string& text) {
  return std::as_bytes(std::span<const char>(text));
}

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(Files, ReplacesAFileInOneStep) {
  const TemporaryFolder folder;
  const std::string path = folder.file("out");
  std::ofstream(path) << "old";
  const std::string first = "new ";
  const std::string second = "content";
  write_atomically(path, std::array{bytes(first), bytes(second)});
  EXPECT_EQ(content(path), "new content");
  EXPECT_EQ(entries(folder.path()), 1U) << "a temporary file was left";
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  EXPECT_EQ(status.st_mode & 0777U, 0666U & ~mask) << "as the shell would have made it";
}

TEST(Files, LeavesNothingBehindWhenTheTargetCannotBeReplaced) {
  const TemporaryFolder folder;
  fs::create_directories(folder.path() / "out" / "full");  // a folder cannot be replaced by a file
  const std::string text = "x";
  EXPECT_THROW(write_atomically(folder.path() / "out", std::array{bytes(text)}), FileWriteError);
  EXPECT_EQ(entries(folder.path()), 1U);
}

std::string unwritable(const fs::path& path) {
  try {
    check_writable(path);
  } catch (const BadFileError& error) {
    return error.what();
  }
  return "";
}

TEST(Files, SaysBeforehandWhetherAPathCanBeWritten) {
  const TemporaryFolder folder;
  EXPECT_EQ(unwritable(folder.file("new")), "");
  EXPECT_EQ(unwritable("relative"), "");
  EXPECT_EQ(entries(folder.path()), 0U) << "looking left a file";
  EXPECT_THAT(unwritable(folder.file("none/new")), HasSubstr("there is no folder"));
  EXPECT_THAT(unwritable(folder.path()), HasSubstr("not a file name"));
  EXPECT_THAT(unwritable(""), HasSubstr("not a file name"));
  EXPECT_THAT(unwritable("/proc/new"), HasSubstr("/proc/new: cannot be created"));
}

}  // namespace
}  // namespace narrowgate::internal
