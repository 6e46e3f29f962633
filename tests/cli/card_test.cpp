// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The command on the simulated card.
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "command_fixture.hpp"

namespace narrowgate::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class Card : public CommandTest {};

TEST_F(Card, IsDescribedByItsImage) {
  const Finished text = narrowgate({"info", "gemm_int8"});
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("32 x 32 multiply-accumulates a cycle"));
  EXPECT_THAT(text.out, HasSubstr("int8, uint8, int4, uint4"));
  const json metadata = json::parse(narrowgate({"info", "gemm_int8", "--json"}).out);
  EXPECT_EQ(metadata.at("image"), "gemm_int8");
  EXPECT_EQ(metadata.at("kernel").at("top"), "gemm");
}

TEST_F(Card, PassesTheDoctorsSelfTest) {
  const Finished finished = narrowgate({"doctor", "--no-build"});
  EXPECT_EQ(finished.exit_code, 0) << finished.out;
  EXPECT_THAT(finished.out, HasSubstr("1551 of 1551 results equal to the reference"));
}

TEST_F(Card, KeepsItsArrayBusy) {
  const Finished finished = narrowgate({"bench", "--repeat", "1", "--json"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const json report = json::parse(finished.out);
  EXPECT_EQ(report.at("peak_macs_per_cycle"), 1024);
  EXPECT_GE(report.at("utilisation"), 0.85);
  EXPECT_GE(report.at("bytes_read"), 2 * 512 * 512);
  EXPECT_GE(report.at("bytes_written"), 4 * 512 * 512);
}

TEST_F(Card, TakesAsLongAsPredicted) {
  const std::vector<std::string> question = {"--m", "200", "--n", "100", "--k", "300", "--json"};
  const auto ask = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), question.begin(), question.end());
    const Finished finished = narrowgate(arguments);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return json::parse(finished.out);
  };
  const json predicted = ask({"predict", "--card", "u250", "--image", "gemm_int8"});
  const json counted = ask({"bench", "--repeat", "1"});
  EXPECT_EQ(predicted.at("card"), "u250-ddr4");
  EXPECT_EQ(predicted.at("peak_macs_per_cycle"), counted.at("peak_macs_per_cycle"));
  EXPECT_NEAR(predicted.at("cycles").get<double>() / counted.at("cycles").get<double>(), 1, 0.03);
}

TEST_F(Card, HasARoofline) {
  ASSERT_EQ(narrowgate({"predict", "--image", "gemm_int8", "--roofline", "roof.svg"}).exit_code, 0);
  std::ifstream file(folder_.file("roof.svg"));
  const std::string svg(std::istreambuf_iterator<char>(file), {});
  EXPECT_THAT(svg, HasSubstr("gemm_int8 on u250-ddr4: predicted, at an assumed 300 MHz"));
  EXPECT_THAT(svg, HasSubstr("mxfp4 1024x1024x1024"));
}

TEST_F(Card, IsNamedWhereThereIsNoImageForIt) {
  const Finished unknown = narrowgate({"predict", "--card", "u99"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("there is no image for card 'u99'"));
  const Finished other = narrowgate({"predict", "--card", "u55c", "--image", "gemm_int8"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("image gemm_int8 is for u250-ddr4, not for 'u55c'"));
}

TEST_F(Card, GivesTheSameThroughOpencl) {
  random_matrix("A.npy", "int8", 50, 70);
  random_matrix("B.npy", "uint8", 70, 40);
  const Finished finished = narrowgate({"matmul", "A.npy", "B.npy", "-o", "C.npy", "--backend",
                                        "opencl", "--verify", "--b-zero", "9"});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("2000 of 2000 elements equal to the reference"));
}

TEST_F(Card, FailsWithOneLineAndCodeOneWhenItCannotStart) {
  RunOptions bare;
  bare.variables = {"PATH=/nonexistent"};  // XRT finds no unzip
  const Finished finished = narrowgate({"bench", "--repeat", "1"}, bare);
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_EQ(finished.out, "");
  EXPECT_THAT(finished.err, ::testing::MatchesRegex("narrowgate: [^\n]+\n"));
}

}  // namespace
}  // namespace narrowgate::testing
