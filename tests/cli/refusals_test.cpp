// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Bad input: exit code 2, one line on standard error, and nothing lost.
#include <array>
#include <fstream>
#include <span>
#include <vector>

#include "command_fixture.hpp"

namespace narrowgate::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class Refusals : public CommandTest {
 protected:
  Refusals() {
    random_matrix("A.npy", "int8", 4, 6);
    random_matrix("B.npy", "int8", 6, 5);
    random_matrix("U.npy", "uint8", 4, 6);
    write_vector<std::int32_t>("bias4.npy", cli::NpyType::kInt32, {1, 2, 3, 4});
    write_vector<std::int32_t>("bias5.npy", cli::NpyType::kInt32, {1, 2, 3, 4, 5});
    write_vector<float>("s5.npy", cli::NpyType::kFloat32, {1, 2, 3, -4, 5});
    write_vector<std::int8_t>("v.npy", cli::NpyType::kInt8, {1, 2});
    std::ofstream(folder_.file("C.npy")) << "precious";
    std::ofstream(folder_.file("text.npy")) << "not an array";
  }

  void expect_refused(const std::vector<std::string>& arguments, const std::string& complaint) {
    const Finished finished = narrowgate(arguments);
    SCOPED_TRACE(::testing::PrintToString(arguments));
    EXPECT_EQ(finished.exit_code, 2);
    EXPECT_EQ(finished.out, "");
    EXPECT_THAT(finished.err, HasSubstr(complaint));
    EXPECT_THAT(finished.err, MatchesRegex("narrowgate: [^\n]+\n"));
    std::ifstream precious(folder_.file("C.npy"));
    std::string text;
    precious >> text;
    EXPECT_EQ(text, "precious");
  }

  /// matmul on the reference with these files and options.
  void expect_matmul_refused(const std::string& a, const std::string& b,
                             const std::vector<std::string>& more, const std::string& complaint) {
    std::vector<std::string> arguments = {"matmul", a, b, "-o", "C.npy", "--device", "reference"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_refused(arguments, complaint);
  }
};

TEST_F(Refusals, OfArgumentsThatMakeNoSense) {
  expect_refused({}, "subcommand is required");
  expect_refused({"frobnicate"}, "no subcommand 'frobnicate'");
  expect_refused({"matmul", "A.npy"}, "required");
  expect_refused({"matmul", "A.npy", "B.npy"}, "--output is required");
  expect_refused({"matmul", "A.npy", "B.npy", "-o", "C.npy", "--colour", "red"}, "--colour");
  expect_refused({"bench", "--m", "many"}, "--m = many");
  expect_refused({"bench", "--m", "-4"}, "--m -4: it must be 1 to 2147483647");
  expect_refused({"bench", "--k", "0"}, "--k 0: it must be 1");
  expect_refused({"bench", "--repeat", "0"}, "--repeat 0: it must be 1");
  expect_refused({"bench", "--m", "100000", "--n", "100000"}, "10000000000 elements, the limit is");
  expect_refused({"bench", "--a-format", "int3"}, "int3");
  expect_refused({"info"}, "IMAGE is required");
}

TEST_F(Refusals, OfFilesThatAreNoMatrices) {
  expect_matmul_refused("none.npy", "B.npy", {}, "none.npy: cannot be read: No such file");
  expect_matmul_refused("text.npy", "B.npy", {}, "text.npy: not a .npy file");
  expect_matmul_refused("v.npy", "B.npy", {}, "v.npy: shape 2: a factor must have 2 dimensions");
  expect_matmul_refused("bias5.npy", "B.npy", {}, "bias5.npy: int32: a factor must be int8");
  expect_matmul_refused("A.npy", "A.npy", {}, "A.npy is 4x6 and A.npy is 4x6");
}

TEST_F(Refusals, OfFormatsAndZeroPointsThatDoNotFit) {
  expect_matmul_refused("U.npy", "B.npy", {"--a-format", "int8"}, "format int8 comes as int8");
  expect_matmul_refused("A.npy", "B.npy", {"--a-format", "fp8"}, "fp8");
  expect_matmul_refused("A.npy", "B.npy", {"--a-format", "int4"}, "-8");  // values beyond int4
  expect_matmul_refused("A.npy", "B.npy", {"--a-zero", "128"}, "128");
  expect_matmul_refused("U.npy", "B.npy", {"--a-zero", "-1"}, "-1");
  expect_matmul_refused("A.npy", "B.npy", {"--b-zero", "99999999999"}, "--b-zero");
}

TEST_F(Refusals, OfFloatingPointWithoutAFormatAndOfScalesWithoutFloats) {
  const std::vector<float> numbers(24, 1.0F);
  cli::write_npy(folder_.file("F.npy"), cli::NpyType::kFloat32, std::array<std::size_t, 2>{4, 6},
                 std::as_bytes(std::span(numbers)));
  expect_matmul_refused("F.npy", "B.npy", {}, "say in which format to multiply, --a-format");
  expect_matmul_refused("F.npy", "B.npy", {"--a-format", "int4_g0"}, "1 to 2147483647");
  expect_matmul_refused("F.npy", "B.npy", {"--a-format", "mxfp4", "--out-format", "int32"},
                        "mxfp4 x int8 has FP32 sums");
  expect_matmul_refused("F.npy", "B.npy", {"--a-format", "mxfp4", "--a-zero", "1"}, "--a-zero 1");
  expect_matmul_refused("A.npy", "B.npy", {"--a-format", "mxfp4"}, "format mxfp4 has scales");
  expect_matmul_refused("A.npy", "B.npy", {"--a-format", "fp8_e4m3"},
                        "fp8_e4m3 comes as uint8, or as float32 or float64");
}

TEST_F(Refusals, OfEpiloguesThatContradictThemselves) {
  expect_matmul_refused("A.npy", "B.npy", {"--out-format", "int16"}, "int16");
  expect_matmul_refused("A.npy", "B.npy", {"--out-format", "int8"}, "--scale or --scales");
  expect_matmul_refused("A.npy", "B.npy",
                        {"--out-format", "int8", "--scale", "1", "--scales", "s5.npy"},
                        "either --scale or --scales");
  expect_matmul_refused("A.npy", "B.npy", {"--scale", "2"}, "--scale does not go with");
  expect_matmul_refused("A.npy", "B.npy", {"--relu"}, "--relu does not go with");
  expect_matmul_refused("A.npy", "B.npy", {"--out-zero", "1"}, "--out-zero does not go with");
  expect_matmul_refused("A.npy", "B.npy", {"--rounding", "onnx"}, "--rounding does not go with");
  expect_matmul_refused("A.npy", "B.npy", {"--out-format", "int8", "--scale", "0"}, "above 0");
  expect_matmul_refused("A.npy", "B.npy", {"--out-format", "int8", "--scale", "nan"}, "nan");
  expect_matmul_refused("A.npy", "B.npy", {"--out-format", "int8", "--scales", "s5.npy"}, "-4");
  expect_matmul_refused("A.npy", "B.npy",
                        {"--out-format", "int8", "--scale", "1", "--rounding", "up"}, "up");
  expect_matmul_refused("A.npy", "B.npy",
                        {"--out-format", "uint8", "--scale", "1", "--out-zero", "256"}, "256");
  expect_matmul_refused("A.npy", "B.npy", {"--bias", "bias4.npy"},
                        "--bias bias4.npy: shape 4: it must have 5 entries");
  expect_matmul_refused("A.npy", "B.npy", {"--out-format", "float32", "--bias", "bias5.npy"},
                        "int32: it must be float32");
  expect_matmul_refused("A.npy", "B.npy", {"--out-format", "float32", "--scales", "bias5.npy"},
                        "float32 or float64");
}

TEST_F(Refusals, OfOutputsThatCannotBeWrittenBeforeAnyWork) {
  const auto to = [&](const std::string& path, const std::string& complaint) {
    expect_refused({"matmul", "A.npy", "B.npy", "-o", path, "--device", "reference"}, complaint);
  };
  to("none/C.npy", "there is no folder none");
  to("/proc/C.npy", "/proc/C.npy: cannot be created");
  to(".", "not a file name");
}

TEST_F(Refusals, OfDevicesAndImagesThatAreNotThere) {
  expect_refused({"bench", "--device", "/dev/sda"}, "/dev/sda");
  expect_refused({"bench", "--backend", "cuda", "--device", "reference"}, "cuda");
  expect_refused({"bench", "--timeout", "-1"}, "--timeout -1: it must be");
  expect_refused({"info", "no_such_image"}, "no_such_image");
  expect_refused({"info", "./text.npy"}, "text.npy");
  expect_refused({"matmul", "A.npy", "B.npy", "-o", "C.npy", "--image", "no_such_image"},
                 "no_such_image");
}

TEST_F(Refusals, OfSumsThatCouldOverflow) {
  random_matrix("long.npy", "int8", 1, 131072);
  random_matrix("tall.npy", "int8", 131072, 1);
  expect_matmul_refused("long.npy", "tall.npy", {}, "K may be up to 131071");
}

}  // namespace
}  // namespace narrowgate::testing
