// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The other subcommands, and what all of them share.
#include <nlohmann/json.hpp>
#include <set>

#include "command_fixture.hpp"

namespace narrowgate::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class Subcommands : public CommandTest {};

TEST_F(Subcommands, AllHaveHelpWithExamples) {
  for (const std::string name : {"matmul", "bench", "predict", "devices", "info", "doctor"}) {
    for (const std::string flag : {"-h", "--help"}) {
      const Finished finished = narrowgate({name, flag});
      EXPECT_EQ(finished.exit_code, 0);
      EXPECT_THAT(finished.out, HasSubstr("Example"));
      EXPECT_THAT(finished.out, HasSubstr("narrowgate " + name));
    }
  }
  EXPECT_THAT(narrowgate({"-h"}).out, HasSubstr("Exit codes"));
  EXPECT_THAT(narrowgate({"--version"}).out, ::testing::MatchesRegex("narrowgate [0-9.]+\n"));
}

TEST_F(Subcommands, DevicesListsTheReferenceAndTheEmulator) {
  const Finished text = narrowgate({"devices"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("\nreference "));
  EXPECT_THAT(text.out, HasSubstr("\nemulator "));
  std::set<std::string> selectors;
  for (const json& device : json::parse(narrowgate({"devices", "--json"}).out)) {
    selectors.insert(device.at("selector"));
  }
  EXPECT_TRUE(selectors.contains("reference"));
  EXPECT_TRUE(selectors.contains("emulator"));
}

TEST_F(Subcommands, BenchPrintsThePromisedKeys) {
  const Finished finished = narrowgate({"bench", "--m", "33", "--n", "20", "--k", "70", "--repeat",
                                        "2", "--device", "reference", "--json"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const json report = json::parse(finished.out);
  for (const char* key : {"cycles", "macs_per_cycle", "peak_macs_per_cycle", "utilisation",
                          "wall_s", "simulated_macs_per_s", "bytes_read", "bytes_written"}) {
    EXPECT_TRUE(report.contains(key)) << key;
  }
  EXPECT_GT(report.at("wall_s"), 0.0);
}

TEST_F(Subcommands, DoctorIsContentWithTheReference) {
  const Finished finished = narrowgate({"doctor", "--device", "reference", "--no-build"});
  EXPECT_EQ(finished.exit_code, 0) << finished.out;
  EXPECT_THAT(finished.out, HasSubstr("All is well."));
}

TEST_F(Subcommands, DoctorSaysWhatIsMissingAndHowToMendIt) {
  RunOptions bare;
  bare.variables = {"PATH=/nonexistent"};
  const Finished finished = narrowgate({"doctor", "--no-run"}, bare);
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(finished.out, HasSubstr("MISSING  unzip"));
  EXPECT_THAT(finished.out, HasSubstr("-> sudo apt-get install unzip"));
  EXPECT_THAT(finished.out, HasSubstr("sudo apt-get install -y unzip"));
  EXPECT_THAT(finished.out, Not(HasSubstr("All is well")));
}

TEST_F(Subcommands, ShowProgressOnATerminalOnlyAndOnlyForLongWork) {
  if (const std::string why = why_no_terminal(); !why.empty()) GTEST_SKIP() << why;
  random_matrix("A.npy", "uint8", 3072, 1024);
  random_matrix("B.npy", "uint8", 1024, 2048);
  const std::vector<std::string> arguments = {"matmul", "A.npy",    "B.npy",    "-o",
                                              "C.npy",  "--device", "reference"};
  RunOptions terminal;
  terminal.terminal = true;
  // Half a second's work on any machine is long when long begins at once.
  ASSERT_EQ(::setenv("NARROWGATE_PROGRESS_AFTER", "0", 1), 0);
  const Finished shown = narrowgate(arguments, terminal);
  ASSERT_EQ(::unsetenv("NARROWGATE_PROGRESS_AFTER"), 0);
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_THAT(shown.err, HasSubstr("multiplying [###"));
  EXPECT_THAT(shown.err, HasSubstr("s left"));
  EXPECT_THAT(shown.err, ::testing::EndsWith("\r\x1b[K")) << "the line is left empty";
  EXPECT_EQ(narrowgate(arguments).err, "");

  random_matrix("A.npy", "uint8", 10, 1024);
  EXPECT_EQ(narrowgate(arguments, terminal).err, "");
}

}  // namespace
}  // namespace narrowgate::testing
