// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "doctor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "subprocess.hpp"

namespace narrowgate::cli {
namespace {

using ::narrowgate::testing::TemporaryFolder;
using ::testing::HasSubstr;

const Finding& about(const Findings& findings, const std::string& subject) {
  const auto found =
      std::ranges::find_if(findings, [&](const Finding& f) { return f.subject == subject; });
  if (found == findings.end()) throw std::runtime_error("nothing about " + subject);
  return *found;
}

class Doctor : public ::testing::Test {
 protected:
  Doctor() {
    surroundings_.variable = [this](const char* name) { return variables_[name]; };
    surroundings_.program_folders = {folder_.path() / "bin"};
    surroundings_.library_folders = {folder_.path() / "lib"};
    surroundings_.root = folder_.path();
  }
  void make(const std::string& name) {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name) << "x";
  }

  TemporaryFolder folder_;
  std::map<std::string, std::string> variables_;
  Surroundings surroundings_;
};

TEST_F(Doctor, NamesThePackageOfAMissingCommand) {
  const Finding missing = about(check_runtime(surroundings_), "unzip");
  EXPECT_EQ(missing.state, State::kMissing);
  EXPECT_EQ(missing.mend, "sudo apt-get install unzip");
  make("bin/unzip");
  const Finding found = about(check_runtime(surroundings_), "unzip");
  EXPECT_EQ(found.state, State::kGood);
  EXPECT_EQ(found.detail, folder_.file("bin/unzip"));
  EXPECT_EQ(found.mend, "");
}

TEST_F(Doctor, NamesThePackageOfAMissingLibrary) {
  for (const char* library :
       {"libxrt_coreutil.so.2", "libxrt_hwemu.so.2", "libxilinxopencl.so.2"}) {
    EXPECT_EQ(about(check_runtime(surroundings_), library).package, "libxrt1");
    make(std::string("lib/") + library);
    EXPECT_EQ(about(check_runtime(surroundings_), library).state, State::kGood);
  }
}

TEST_F(Doctor, SeesWhatOnlyBuildsNeed) {
  EXPECT_EQ(about(check_build_tools(surroundings_), "verilator").mend,
            "sudo apt-get install verilator");
  EXPECT_EQ(about(check_build_tools(surroundings_), "dataset-fashion-mnist").state,
            State::kMissing);
  make("usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz");
  EXPECT_EQ(about(check_build_tools(surroundings_), "dataset-fashion-mnist").state, State::kGood);
}

TEST_F(Doctor, WarnsOfVariablesThatChangeWhatTheRuntimeDoes) {
  EXPECT_EQ(check_environment(surroundings_).front().state, State::kGood);
  variables_["XCL_EMULATION_MODE"] = "sw_emu";
  variables_["XRT_INI_PATH"] = "/some/xrt.ini";
  variables_["XILINX_XRT"] = folder_.path();
  const Findings findings = check_environment(surroundings_);
  EXPECT_EQ(about(findings, "XCL_EMULATION_MODE").state, State::kMissing);
  EXPECT_EQ(about(findings, "XCL_EMULATION_MODE").mend, "unset XCL_EMULATION_MODE");
  EXPECT_EQ(about(findings, "XRT_INI_PATH").state, State::kNote);
  EXPECT_THAT(about(findings, "XILINX_XRT").detail, HasSubstr("no folder lib"));
  variables_["XCL_EMULATION_MODE"] = "hw_emu";
  EXPECT_THROW(about(check_environment(surroundings_), "XCL_EMULATION_MODE"), std::runtime_error);
}

TEST_F(Doctor, SaysHowToMakeAMissingImage) {
  const Finding finding = check_image("no_such_image").front();
  EXPECT_EQ(finding.state, State::kMissing);
  EXPECT_THAT(finding.detail, HasSubstr("no_such_image"));
  EXPECT_THAT(finding.mend, HasSubstr("make build"));
}

TEST_F(Doctor, TestsTheDeviceItself) {
  DeviceOptions options;
  options.device = "reference";
  EXPECT_EQ(check_device(options).front().detail, "1551 of 1551 results equal to the reference");
  options.device = "no such device";
  EXPECT_EQ(check_device(options).front().state, State::kMissing);
}

}  // namespace
}  // namespace narrowgate::cli
