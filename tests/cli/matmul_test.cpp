// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Products through the command, on the reference and on the simulated card.
#include <algorithm>
#include <cfenv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "command_fixture.hpp"

namespace narrowgate::testing {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

class Matmul : public CommandTest, public ::testing::WithParamInterface<const char*> {
 protected:
  /// `narrowgate matmul A.npy B.npy -o C.npy --verify …` on the test's device, which must succeed.
  void multiply(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"matmul", "A.npy",    "B.npy",    "-o",
                                          "C.npy",  "--verify", "--device", GetParam()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    finished_ = narrowgate(arguments);
    ASSERT_EQ(finished_.exit_code, 0) << finished_.err;
    EXPECT_EQ(finished_.err, "");
  }

  std::vector<std::int32_t> int32_result() const {
    const cli::NpyArray c = read("C.npy");
    const auto values = c.as<std::int32_t>();
    return {values.begin(), values.end()};
  }

  Finished finished_;
};

TEST_P(Matmul, MultipliesEveryPairOfFormatsWithZeroPoints) {
  for (const std::string a_format : {"int8", "uint8", "int4", "uint4"}) {
    for (const std::string b_format : {"int8", "uint8", "int4", "uint4"}) {
      SCOPED_TRACE(a_format + " x " + b_format + ", seed " + std::to_string(kSeed));
      const TestMatrix a = random_matrix("A.npy", a_format, 37, 65);
      const TestMatrix b = random_matrix("B.npy", b_format, 65, 33);
      const int a_zero = a_format[0] == 'i' ? -5 : 11;
      const int b_zero = 3;
      multiply({"--a-format", a_format, "--b-format", b_format, "--a-zero", std::to_string(a_zero),
                "--b-zero", std::to_string(b_zero)});
      EXPECT_THAT(int32_result(), ElementsAreArray(sums_of(a, b, a_zero, b_zero)));
      EXPECT_THAT(finished_.out, HasSubstr("1221 of 1221 elements equal to the reference"));
    }
  }
}

TEST_P(Matmul, ReadsBothOrders) {
  for (const bool a_fortran : {false, true}) {
    for (const bool b_fortran : {false, true}) {
      const TestMatrix a = random_matrix("A.npy", "int8", 3, 40, a_fortran);
      const TestMatrix b = random_matrix("B.npy", "uint8", 40, 5, b_fortran);
      multiply();
      EXPECT_THAT(int32_result(), ElementsAreArray(sums_of(a, b, 0, 0))) << "seed " << kSeed;
      EXPECT_EQ(read("C.npy").shape, (std::vector<std::size_t>{3, 5}));
    }
  }
}

TEST_P(Matmul, AddsABias) {
  const TestMatrix a = random_matrix("A.npy", "int8", 2, 9);
  const TestMatrix b = random_matrix("B.npy", "int8", 9, 3);
  write_vector<std::int32_t>("bias.npy", cli::NpyType::kInt32, {-70000, 0, 2000000000});
  multiply({"--bias", "bias.npy"});
  std::vector<std::int32_t> expected = sums_of(a, b, 0, 0);
  for (std::size_t i = 0; i < expected.size(); i += 3) {
    expected[i] -= 70000;
    expected[i + 2] += 2000000000;
  }
  EXPECT_THAT(int32_result(), ElementsAreArray(expected));
}

TEST_P(Matmul, RequantisesAsOnnxRuntimeDoes) {
  const TestMatrix a = random_matrix("A.npy", "uint8", 33, 50);
  const TestMatrix b = random_matrix("B.npy", "int8", 50, 35);
  multiply({"--out-format", "uint8", "--a-zero", "128", "--scale", "0.00312", "--out-zero", "131"});
  const cli::NpyArray c = read("C.npy");
  ASSERT_EQ(c.type, cli::NpyType::kUint8);
  std::vector<int> expected;
  for (const std::int32_t sum : sums_of(a, b, 128, 0)) {
    const float scaled = std::nearbyintf(static_cast<float>(sum) * 0.00312F);
    expected.push_back(std::clamp(static_cast<int>(scaled) + 131, 0, 255));
  }
  EXPECT_THAT(c.as<std::uint8_t>(), ElementsAreArray(expected)) << "seed " << kSeed;
}

TEST_P(Matmul, RequantisesInTheOtherRoundingsWithAScalePerChannelAndRelu) {
  random_matrix("A.npy", "int8", 40, 100);
  random_matrix("B.npy", "int4", 100, 34);
  std::vector<double> scales(34);
  std::uniform_real_distribution<double> scale(1e-4, 0.2);
  for (double& value : scales) value = scale(random_);
  write_vector("S.npy", cli::NpyType::kFloat64, scales);
  for (const std::string rounding : {"gemmlowp", "tflite", "onnx"}) {
    multiply({"--b-format", "int4", "--out-format", "int8", "--scales", "S.npy", "--rounding",
              rounding, "--relu", "--out-zero", "-7"});
    const cli::NpyArray c = read("C.npy");
    ASSERT_EQ(c.type, cli::NpyType::kInt8);
    EXPECT_EQ(*std::ranges::min_element(c.as<std::int8_t>()), -7) << rounding;
  }
}

/// Formats beyond plain integers; on the card when its image takes them.
class QuantisedMatmul : public CommandTest {};

// An MX result is what quantising the float32 one gives, and an A of the next product.
TEST_F(QuantisedMatmul, WritesMxResultsThatItTakesAsAnA) {
  random_floats("X.npy", 21, 70, false);
  random_floats("W.npy", 70, 75, false);
  random_floats("V.npy", 75, 9, false);
  const auto multiply = [this](const std::string& a, const std::string& b, const std::string& c,
                               const std::vector<std::string>& more) {
    std::vector<std::string> line = {
        "matmul", a, b, "-o", c, "--device", "reference", "--b-format", "mxfp4", "--scale", "0.3"};
    line.insert(line.end(), more.begin(), more.end());
    const Finished finished = narrowgate(line);
    ASSERT_EQ(finished.exit_code, 0) << finished.err;
  };
  for (const std::string format : {"mxfp8_e4m3", "mxfp6_e2m3", "mxfp4", "mxint8"}) {
    for (const std::string activation : {"none", "gelu", "silu"}) {
      multiply("X.npy", "W.npy", "H.safetensors",
               {"--a-format", "mxint8", "--activation", activation, "--out-format", format});
      multiply("X.npy", "W.npy", "F.npy",
               {"--a-format", "mxint8", "--activation", activation, "--out-format", "float32"});
      const Finished quantized = narrowgate(
          {"quantize", "F.npy", "--format", format, "--axis", "1", "-o", "Q.safetensors"});
      ASSERT_EQ(quantized.exit_code, 0) << quantized.err;
      multiply("H.safetensors", "V.npy", "Y1.npy", {});
      multiply("Q.safetensors", "V.npy", "Y2.npy", {});
      EXPECT_EQ(read("Y1.npy").data, read("Y2.npy").data) << format << " " << activation;
    }
  }
}

TEST_F(QuantisedMatmul, WritesCodesOfPlainOutputs) {
  random_floats("X.npy", 3, 40, false);
  random_floats("W.npy", 40, 5, false);
  const std::tuple<const char*, cli::NpyType> outputs[] = {{"bf16", cli::NpyType::kUint16},
                                                           {"fp8_e4m3", cli::NpyType::kUint8},
                                                           {"fp8_e5m2", cli::NpyType::kUint8},
                                                           {"int8", cli::NpyType::kInt8},
                                                           {"uint8", cli::NpyType::kUint8}};
  for (const auto& [format, type] : outputs) {
    const Finished finished = narrowgate({"matmul", "X.npy", "W.npy", "-o", "C.npy", "--device",
                                          "reference", "--a-format", "mxfp8_e4m3", "--b-format",
                                          "mxfp4", "--out-format", format, "--activation", "silu"});
    ASSERT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_EQ(read("C.npy").type, type) << format;
  }
}

TEST_F(QuantisedMatmul, IsExactForNumbersThatTheFormatsHold) {
  for (const bool fortran : {false, true}) {
    const TestMatrix a = random_floats("A.npy", 5, 70, fortran);
    const TestMatrix b = random_floats("B.npy", 70, 3, !fortran);
    std::vector<float> expected;
    for (const std::int32_t sum : sums_of(a, b, 0, 0)) expected.push_back(static_cast<float>(sum));
    for (const std::string a_format : {"mxfp4", "mxint8", "mxfp8_e5m2", "mxfp6_e2m3"}) {
      for (const std::string b_format : {"mxfp4", "mxfp8_e4m3", "mxfp6_e3m2"}) {
        const Finished finished =
            narrowgate({"matmul", "A.npy", "B.npy", "-o", "C.npy", "--device", "reference",
                        "--a-format", a_format, "--b-format", b_format});
        ASSERT_EQ(finished.exit_code, 0) << finished.err;
        EXPECT_THAT(finished.out, HasSubstr("float32 from " + a_format + " x " + b_format));
        const cli::NpyArray c = read("C.npy");
        ASSERT_EQ(c.type, cli::NpyType::kFloat32);
        EXPECT_THAT(c.as<float>(), ElementsAreArray(expected))
            << a_format << " x " << b_format << ", seed " << kSeed;
      }
    }
  }
}

TEST_F(QuantisedMatmul, ComesCloseInEveryFormat) {
  const TestMatrix a = random_floats("A.npy", 4, 96);
  const TestMatrix b = random_floats("B.npy", 96, 5);
  const std::vector<std::int32_t> sums = sums_of(a, b, 0, 0);
  for (const std::string format : {"int8", "fp6_e2m3", "fp6_e3m2", "fp8_e4m3", "fp8_e5m2", "nvfp4",
                                   "int8_g32", "int8_g96", "int4_g32", "int4_g128", "uint4_g48"}) {
    const Finished finished = narrowgate({"matmul", "A.npy", "B.npy", "-o", "C.npy", "--device",
                                          "reference", "--a-format", format, "--b-format", format});
    ASSERT_EQ(finished.exit_code, 0) << format << ": " << finished.err;
    const cli::NpyArray c = read("C.npy");
    ASSERT_EQ(c.type, cli::NpyType::kFloat32) << format;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      EXPECT_NEAR(c.as<float>()[i], sums[i], 40) << format << ", seed " << kSeed;
    }
  }
}

TEST_F(QuantisedMatmul, TakesCodesOfPlainElementsFromIntegerFiles) {
  random_matrix("A.npy", "int8", 6, 40);
  random_matrix("B.npy", "uint4", 40, 7);
  const Finished finished = narrowgate({"matmul", "A.npy", "B.npy", "-o", "C.npy", "--device",
                                        "reference", "--b-format", "fp4_e2m1", "--json"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(nlohmann::json::parse(finished.out).at("out_format"), "float32");
  EXPECT_EQ(nlohmann::json::parse(finished.out).at("b_format"), "fp4_e2m1");
}

TEST_P(Matmul, ScalesToFloat32) {
  const TestMatrix a = random_matrix("A.npy", "int8", 5, 33);
  const TestMatrix b = random_matrix("B.npy", "int8", 33, 2);
  const std::vector<float> scales = {0.3F, 1e-20F};
  const std::vector<float> bias = {-1.5F, 0.25F};
  write_vector("S.npy", cli::NpyType::kFloat32, scales);
  write_vector("bias.npy", cli::NpyType::kFloat32, bias);
  multiply(
      {"--out-format", "float32", "--scale", "0.01", "--scales", "S.npy", "--bias", "bias.npy"});
  const cli::NpyArray c = read("C.npy");
  std::vector<float> expected;
  const std::vector<std::int32_t> sums = sums_of(a, b, 0, 0);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    // A product, or a sum, of two floats in double is rounded once when it becomes a float.
    double value = static_cast<float>(sums[i] * double{0.01F});
    value = static_cast<float>(value * scales[i % 2]);
    value = static_cast<float>(value + bias[i % 2]);
    expected.push_back(static_cast<float>(value));
  }
  EXPECT_THAT(c.as<float>(), ElementsAreArray(expected)) << "seed " << kSeed;
}

TEST_P(Matmul, CutsLongProductsIntoCallsAndStaysExact) {
  const TestMatrix a = random_matrix("A.npy", "int8", 1030, 700);
  const TestMatrix b = random_matrix("B.npy", "int8", 700, 900);
  multiply({"--json"});
  const nlohmann::json report = nlohmann::json::parse(finished_.out);
  EXPECT_GT(report.at("calls"), 1);
  EXPECT_EQ(report.at("verified").at("equal"), 1030 * 900);
  EXPECT_EQ(int32_result(), sums_of(a, b, 0, 0)) << "seed " << kSeed;
}

TEST_P(Matmul, ReportsTheCountersOfTheCard) {
  random_matrix("A.npy", "int8", 64, 64);
  random_matrix("B.npy", "int8", 64, 64);
  multiply({"--json"});
  const nlohmann::json report = nlohmann::json::parse(finished_.out);
  const bool card = std::string(GetParam()) != "reference";
  EXPECT_EQ(report.at("cycles") > 0, card);
  EXPECT_EQ(report.at("bytes_read") >= 2 * 64 * 64, card);
  EXPECT_EQ(report.at("bytes_written") >= 4 * 64 * 64, card);
}

INSTANTIATE_TEST_SUITE_P(, Matmul, ::testing::Values("reference", "emulator"),
                         [](const auto& device) { return std::string(device.param); });

}  // namespace
}  // namespace narrowgate::testing
