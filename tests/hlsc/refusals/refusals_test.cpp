// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Every kernel of this folder is outside the subset: hlsc must say so at the line and with the
// words of the kernel's own EXPECT comment, and end with exit code 2.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "process.hpp"

namespace fs = std::filesystem;

namespace {

struct Expectation {
  std::string line;
  std::string substring;
  std::vector<std::string> flags;
};

Expectation ReadExpectation(const fs::path& kernel) {
  std::ifstream file(kernel);
  Expectation expectation;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("// hlsc:", 0) == 0) {
      std::istringstream words(line.substr(8));
      for (std::string word; words >> word;) expectation.flags.push_back(word);
    }
    if (line.rfind("// EXPECT: ", 0) != 0) continue;
    const std::size_t colon = line.find(": ", 11);
    expectation.line = line.substr(11, colon - 11);
    expectation.substring = line.substr(colon + 2);
  }
  return expectation;
}

std::vector<std::string> KernelNames() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(REFUSALS_DIR)) {
    if (entry.path().extension() == ".cpp" && entry.path().stem() != "refusals_test") {
      names.push_back(entry.path().stem());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Refusals : public testing::TestWithParam<std::string> {};

TEST_P(Refusals, NamesLineAndReason) {
  const fs::path kernel = fs::path(REFUSALS_DIR) / (GetParam() + ".cpp");
  const Expectation expected = ReadExpectation(kernel);
  ASSERT_FALSE(expected.substring.empty()) << kernel << " lacks its EXPECT comment";
  const fs::path out = fs::temp_directory_path() / ("hlsc_refusal_" + GetParam());
  std::vector<std::string> command = {HLSC, kernel.string(), "--top", GetParam(),
                                      "-o", out.string()};
  command.insert(command.end(), expected.flags.begin(), expected.flags.end());
  const cosim::Finished hlsc = cosim::RunTool(command, 60);
  SCOPED_TRACE(cosim::CommandLine(command) + "\n" + hlsc.output);
  EXPECT_EQ(hlsc.exit_code, 2);

  // The message is one line "file:line: error: what; what to write instead".
  const std::string prefix = GetParam() + ".cpp:" + expected.line + ": error: ";
  std::istringstream lines(hlsc.output);
  bool found = false;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find(prefix);
    found = found ||
            (at != std::string::npos && line.find(expected.substring, at) != std::string::npos);
  }
  EXPECT_TRUE(found) << "no line with '" << prefix << "' and '" << expected.substring << "'";
  EXPECT_FALSE(fs::exists(out / (GetParam() + ".json"))) << "a refused kernel left an interface";
  fs::remove_all(out);
}

INSTANTIATE_TEST_SUITE_P(Hlsc, Refusals, testing::ValuesIn(KernelNames()),
                         [](const auto& info) { return info.param; });

TEST(CommandLine, RefusesAMissingFile) {
  const cosim::Finished hlsc =
      cosim::RunTool({HLSC, "no_such_kernel.cpp", "--top", "k", "-o", "nowhere"}, 60);
  EXPECT_EQ(hlsc.exit_code, 2) << hlsc.output;
  EXPECT_NE(hlsc.output.find("no_such_kernel.cpp"), std::string::npos) << hlsc.output;
}

TEST(CommandLine, RefusesAnUnknownOption) {
  const cosim::Finished hlsc =
      cosim::RunTool({HLSC, "k.cpp", "--top", "k", "-o", "nowhere", "--no-such-option"}, 60);
  EXPECT_EQ(hlsc.exit_code, 2) << hlsc.output;
  EXPECT_NE(hlsc.output.find("no-such-option"), std::string::npos) << hlsc.output;
}

}  // namespace
