// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The example programs as a newcomer runs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <sstream>
#include <string>

#include "subprocess.hpp"

namespace {

using narrowgate::testing::Finished;
using narrowgate::testing::run_program;
using narrowgate::testing::RunOptions;
using ::testing::HasSubstr;

class Programs : public ::testing::TestWithParam<const char*> {
 protected:
  Finished run(const std::string& program, std::vector<std::string> arguments) {
    const Finished finished =
        run_program(std::string(NG_BINARY_DIR) + "/" + program, arguments, with_limit());
    EXPECT_EQ(finished.exit_code, 0) << finished.out << finished.err;
    EXPECT_FALSE(finished.timed_out);
    return finished;
  }
  static RunOptions with_limit() {
    RunOptions options;
    options.limit = std::chrono::seconds(300);
    return options;
  }
};

TEST_P(Programs, QuickstartEndsWithEqualResults) {
  EXPECT_THAT(run("quickstart", {GetParam()}).out, HasSubstr("all results equal"));
}

TEST_P(Programs, GemmlowpReplayReproducesEveryOutput) {
  // The data lie with the package's documentation, or where the script unpacks the package.
  const Finished script = run_program("/bin/sh", {NG_DATA_SCRIPT, NG_BINARY_DIR}, with_limit());
  ASSERT_EQ(script.exit_code, 0) << script.err;
  const std::string path = script.out.substr(0, script.out.find('\n'));
  const Finished finished = run("gemmlowp_replay", {"--device", GetParam(), "--data", path});
  EXPECT_THAT(finished.out, HasSubstr("\n49152 of 49152 outputs equal\n"));
}

TEST_P(Programs, FashionMnistKeepsItsAccuracyAndEveryBit) {
  const Finished finished = run("fashion_mnist", {"--device", GetParam(), "--train-images", "6000",
                                                  "--epochs", "3", "--images", "300"});
  // A row of the table: "INT8 weights …   88.40 %   1234 of 1234".
  std::istringstream lines(finished.out);
  int rows = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t percent = line.find(" %");
    if (percent == std::string::npos || line.find("accuracy") != std::string::npos) continue;
    EXPECT_GT(std::stod(line.substr(line.rfind(' ', percent - 1))), 70.0) << line;
    std::size_t equal = 0;
    std::size_t total = 0;
    const int read = std::sscanf(line.c_str() + percent, " %% %zu of %zu", &equal, &total);
    EXPECT_EQ(read == 2, line.starts_with("INT")) << line;
    EXPECT_EQ(equal, total) << line;
    ++rows;
  }
  EXPECT_EQ(rows, 3) << finished.out;
}

TEST(Example, SaysInOneLineWhatIsWrong) {
  for (const auto& [program, arguments] :
       std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"quickstart", {"no-such-device"}},
           {"gemmlowp_replay", {"--device", "reference", "--data", "/nonexistent"}},
           {"fashion_mnist", {"--device", "reference", "--data", "/nonexistent"}}}) {
    const Finished finished = run_program(std::string(NG_BINARY_DIR) + "/" + program, arguments);
    EXPECT_EQ(finished.exit_code, 1) << program;
    EXPECT_THAT(finished.err, ::testing::MatchesRegex(program + ": [^\n]+\n"));
  }
}

INSTANTIATE_TEST_SUITE_P(, Programs, ::testing::Values("reference", "emulator"),
                         [](const auto& device) { return std::string(device.param); });

}  // namespace
