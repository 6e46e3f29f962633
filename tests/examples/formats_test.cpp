// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

#include "formats/operands.hpp"
#include "formats/report.hpp"
#include "formats/tasks.hpp"
#include "formats/word_vectors.hpp"

namespace examples {
namespace {

namespace ng = narrowgate;
using ::testing::HasSubstr;

/// A file that is there as long as the object.
class TextFile {
 public:
  explicit TextFile(const std::string& text)
      : path_(::testing::TempDir() + "word_vectors_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".json") {
    std::ofstream(path_) << text;
  }
  ~TextFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string refusal(const std::string& text) {
  const TextFile file(text);
  try {
    read_word_vectors(file.path(), 100);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "was read";
}

Matrix random_unit_vectors(Eigen::Index count, Eigen::Index dimensions, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> value;
  Matrix vectors = Matrix::NullaryExpr(count, dimensions, [&] { return value(random); });
  vectors.rowwise().normalize();
  return vectors;
}

TEST(WordVectors, AreReadUpToTheLimitWithLengthOne) {
  const TextFile file(
      R"({"precision": 8, "dimensions": 2, "words": ["a", "b", "c"],
          "vectors": {"a": [3, -4, 5, 0], "b": [0, 2.5e0, 2.5, 1], "c": [oops)");
  const Matrix vectors = read_word_vectors(file.path(), 2);
  ASSERT_EQ(vectors.rows(), 2);
  EXPECT_EQ(vectors, (Matrix(2, 2) << 0.6F, -0.8F, 0, 1).finished());
}

TEST(WordVectors, AllOfAShorterFile) {
  const TextFile file(R"({"dimensions": 1, "vectors": {"a": [2]}, "unkVector": [0, "x"]})");
  EXPECT_EQ(read_word_vectors(file.path(), 100), Matrix::Ones(1, 1));
}

TEST(WordVectors, RefusesDamagedFiles) {
  EXPECT_THAT(refusal(""), HasSubstr("not JSON"));
  EXPECT_THAT(refusal(R"({"dimensions": 2, "vectors": {"a": [1, 2]},)"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal("{}"), HasSubstr("no \"vectors\""));
  EXPECT_THAT(refusal(R"({"dimensions": 0})"), HasSubstr("dimensions 0"));
  EXPECT_THAT(refusal(R"({"vectors": {"a": [1]}})"), HasSubstr("no \"dimensions\""));
  EXPECT_THAT(refusal(R"({"dimensions": 2, "vectors": {"a": [1]}})"),
              HasSubstr("1 numbers, not 2"));
  EXPECT_THAT(refusal(R"({"dimensions": 2, "vectors": {"a": [1, "x"]}})"), HasSubstr("\"a\""));
  EXPECT_THAT(refusal(R"({"dimensions": 1, "vectors": {"a": [1e99]}})"), HasSubstr("\"a\""));
  EXPECT_THROW(read_word_vectors("/nonexistent", 1), std::runtime_error);
}

TEST(Operands, HaveEveryFormatThatCardsTakeOnTheSideOfBAndCountTheirScales) {
  std::set<std::string> names;
  std::set<ng::Format> formats;
  // No card multiplies FP8 with an FP32 scale for each group.
  std::set<ng::Format> of_cards;
  for (const ng::FormatInfo& row : ng::formats()) of_cards.insert(row.format);
  of_cards.erase(ng::Format::kE4m3Group);
  of_cards.erase(ng::Format::kE5m2Group);
  for (const Operands& operands : all_operands()) {
    EXPECT_TRUE(names.insert(operands.name()).second) << operands.name();
    formats.insert(operands.b.format);
  }
  EXPECT_EQ(formats, of_cards);
  const auto bits = [](const char* name) {
    return bits_per_element(ng::parse_blocked_format(name));
  };
  EXPECT_EQ(bits("int8"), 8);
  EXPECT_EQ(bits("mxfp4"), 4.25);
  EXPECT_EQ(bits("nvfp4"), 4.5);
  EXPECT_EQ(bits("mxfp6_e2m3"), 6.25);
  EXPECT_EQ(bits("int4_g32"), 5);
  EXPECT_EQ(bits("uint4_g32"), 5.125);
}

TEST(Search, FindsNearlyAllInFineFormatsAndFewerInCoarseOnes) {
  const ng::Device device = ng::Device::open("reference");
  const Search search(random_unit_vectors(500, 100, 5), 50);
  const auto recall = [&](const char* name) {
    const ng::BlockedFormat format = ng::parse_blocked_format(name);
    const Outcome outcome = search.run(device, {format, format});
    EXPECT_EQ(outcome.account.macs, 50U * 500U * 100U);
    return outcome.score;
  };
  EXPECT_GT(recall("mxint8"), 0.97);
  EXPECT_GT(recall("mxint8"), recall("mxfp8_e5m2"));
  EXPECT_GT(recall("mxfp8_e4m3"), recall("mxfp4"));
  EXPECT_GT(recall("mxfp4"), 0.5);
}

TEST(Search, RefusesTooFewVectors) {
  EXPECT_THROW(Search(random_unit_vectors(10, 3, 1), 1), std::runtime_error);
  EXPECT_THROW(Search(random_unit_vectors(20, 3, 1), 0), std::runtime_error);
  EXPECT_THROW(Search(random_unit_vectors(20, 3, 1), 21), std::runtime_error);
}

TEST(StudyReport, ShowsEveryRowAndWhatWasSkipped) {
  Study study;
  study.device = "reference";
  study.images = 3;
  study.words_skipped = "no network";
  for (const Operands& operands : all_operands()) study.rows.push_back({operands, {0.5, {}}, {}});
  EXPECT_THAT(markdown_of(study), HasSubstr("SKIPPED, no network"));
  EXPECT_THAT(svg_of(study), ::testing::Not(HasSubstr("recall@10")));
  study.words_skipped.clear();
  for (StudyRow& row : study.rows) row.words = Outcome{1.0, {}};
  for (const StudyRow& row : study.rows) {
    EXPECT_THAT(markdown_of(study), HasSubstr("\n| " + row.operands.name() + " | "));
    EXPECT_THAT(svg_of(study), HasSubstr(">" + row.operands.name() + "<"));
  }
  EXPECT_THAT(svg_of(study), HasSubstr("recall@10"));
  EXPECT_THAT(svg_of(study), ::testing::Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace examples
