// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "narrowgate/device.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate {
namespace {

namespace fs = std::filesystem;

class Images : public ::testing::Test {
 protected:
  Images() {
    fs::create_directories(one_);
    fs::create_directories(two_);
    if (const char* old = std::getenv("NARROWGATE_IMAGE_PATH")) old_ = old;
    setenv("NARROWGATE_IMAGE_PATH", (one_.string() + ":" + two_.string()).c_str(), 1);
  }
  ~Images() override {
    setenv("NARROWGATE_IMAGE_PATH", old_.c_str(), 1);
    fs::remove_all(root_);
  }
  static void touch(const fs::path& path) { std::ofstream(path) << "image"; }

  fs::path root_ = fs::path(::testing::TempDir()) / ("images_" + std::to_string(getpid()));
  fs::path one_ = root_ / "one";
  fs::path two_ = root_ / "two";
  std::string old_;
};

TEST_F(Images, AreFoundInTheFoldersOfTheVariableInOrder) {
  touch(two_ / "toy_image.xclbin");
  EXPECT_EQ(find_image("toy_image"), two_ / "toy_image.xclbin");
  touch(one_ / "toy_image.xclbin");
  EXPECT_EQ(find_image("toy_image"), one_ / "toy_image.xclbin");
}

TEST_F(Images, AreSoughtBesideTheExecutableToo) {
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  const std::vector<fs::path> path = image_search_path();
  EXPECT_NE(std::find(path.begin(), path.end(), folder / "bitstreams"), path.end());
  EXPECT_NE(std::find(path.begin(), path.end(), folder.parent_path() / "bitstreams"), path.end());
}

TEST_F(Images, MayBeGivenAsPaths) {
  touch(one_ / "toy_image.xclbin");
  const std::string path = (one_ / "toy_image.xclbin").string();
  EXPECT_EQ(find_image(path), path);
  EXPECT_THROW(find_image(path + "x.xclbin"), MissingImageError);
  EXPECT_THROW(find_image(one_.string() + "/"), MissingImageError);
}

TEST_F(Images, ThatAreMissingAreReportedWithThoseThatExist) {
  touch(one_ / "toy_b.xclbin");
  touch(two_ / "toy_a.xclbin");
  try {
    find_image("toy_c");
    FAIL();
  } catch (const MissingImageError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("no image 'toy_c'"), std::string::npos) << message;
    EXPECT_NE(message.find("toy_a, toy_b"), std::string::npos) << message;
    EXPECT_NE(message.find(one_.string()), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace narrowgate
