// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The study of all formats, a small slice of it, as a process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "subprocess.hpp"

namespace {

using narrowgate::testing::Finished;
using narrowgate::testing::run_program;
using narrowgate::testing::RunOptions;
using narrowgate::testing::TemporaryFolder;
using nlohmann::json;
using ::testing::HasSubstr;

class FormatsStudy : public ::testing::Test {
 protected:
  static constexpr int kRows = 21;  // 19 formats and two mixed pairs

  Finished study(const std::string& device, std::vector<std::string> more) const {
    std::vector<std::string> arguments = {"--device",  device, "--train-images", "1000",
                                          "--epochs",  "1",    "--images",       "40",
                                          "--queries", "7"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    RunOptions options;
    options.limit = std::chrono::seconds(300);
    return run_program(std::string(NG_BINARY_DIR) + "/formats_study", arguments, options);
  }

  /// 50 vectors of 45 numbers (K no multiple of any block), laid out as in the real file.
  std::string synthetic_words() const {
    constexpr std::uint32_t kSeed = 11;
    std::mt19937 random(kSeed);
    std::normal_distribution<float> value;
    json file = {{"dimensions", 45}};
    for (int word = 0; word < 50; ++word) {
      json& vector = file["vectors"][std::to_string(word)];
      for (int i = 0; i < 45; ++i) vector.push_back(value(random));
      vector.push_back(1.0);
      vector.push_back(word);
    }
    std::ofstream(folder_.file("words.json")) << file;
    return folder_.file("words.json");
  }

  /// What must not depend on the device.
  static json without_cycles(const std::string& text) {
    json study = json::parse(text);
    study.erase("device");
    for (json& row : study["rows"]) {
      row["classification"].erase("cycles");
      row["search"].erase("cycles");
    }
    return study;
  }

  TemporaryFolder folder_;
};

TEST_F(FormatsStudy, GivesOnTheCardEveryBitOfTheReference_emulator) {
  const std::string words = synthetic_words();
  const Finished card = study("emulator", {"--json", "--words", words});
  const Finished reference = study("reference", {"--json", "--words", words});
  ASSERT_EQ(card.exit_code, 0) << card.err;
  ASSERT_EQ(reference.exit_code, 0) << reference.err;
  EXPECT_EQ(without_cycles(card.out), without_cycles(reference.out));
  const json rows = json::parse(card.out)["rows"];
  EXPECT_EQ(rows.size(), kRows);
  for (const json& row : rows) {
    EXPECT_GT(row["classification"]["cycles"], 0) << row;
    EXPECT_GT(row["search"]["cycles"], 0) << row;
    EXPECT_GT(row["search"]["recall_at_10"], 0.5) << row;
  }
}

TEST_F(FormatsStudy, WithoutWordVectorsSaysSoAndDoesTheRest) {
  const std::string svg = folder_.file("study.svg");
  const Finished finished =
      study("reference", {"--svg", svg, "--words-skipped", "npm is not here"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("Nearest words: SKIPPED, npm is not here.\n"));
  EXPECT_THAT(finished.out, HasSubstr("\n| nvfp4 | 4.5 | "));
  std::ifstream file(svg);
  const std::string picture(std::istreambuf_iterator<char>(file), {});
  EXPECT_THAT(picture, ::testing::StartsWith("<svg"));
  EXPECT_THAT(picture, HasSubstr(">mxfp6_e2m3</text>"));
}

TEST_F(FormatsStudy, SaysInOneLineWhatIsWrong) {
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--words", "/nonexistent"}, {"--data", "/nonexistent"}}) {
    const Finished finished = study("reference", more);
    EXPECT_EQ(finished.exit_code, 1);
    EXPECT_THAT(finished.err, HasSubstr("formats_study: /nonexistent"));
  }
}

TEST_F(FormatsStudy, TheScriptSaysWhyThereAreNoWordVectors) {
  RunOptions options;
  options.variables = {"PATH=" + folder_.path().string()};
  const Finished finished =
      run_program("/bin/sh", {NG_WORDS_SCRIPT, folder_.path().string()}, options);
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(finished.err, ::testing::StartsWith("word_vectors: no npm"));
}

}  // namespace
