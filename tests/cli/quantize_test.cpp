// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// formats, quantize and inspect.
#include <algorithm>
#include <array>
#include <fstream>
#include <narrowgate/narrowgate.hpp>
#include <nlohmann/json.hpp>
#include <vector>

#include "command_fixture.hpp"

namespace narrowgate::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using Json = nlohmann::json;

class Quantize : public CommandTest {
 protected:
  Quantize() {
    std::normal_distribution<float> normal;
    for (float& x : values_) x = normal(random_);
    const std::array<std::size_t, 2> shape = {kRows, kCols};
    cli::write_npy(folder_.file("W.npy"), cli::NpyType::kFloat32, shape,
                   std::as_bytes(std::span(values_)));
  }
  void expect_refused(const std::vector<std::string>& arguments, const std::string& complaint) {
    const Finished finished = narrowgate(arguments);
    SCOPED_TRACE(::testing::PrintToString(arguments));
    EXPECT_EQ(finished.exit_code, 2);
    EXPECT_EQ(finished.out, "");
    EXPECT_THAT(finished.err, HasSubstr(complaint));
    EXPECT_THAT(finished.err, MatchesRegex("narrowgate: [^\n]+\n"));
    EXPECT_FALSE(exists("Q.safetensors"));
  }
  static constexpr std::size_t kRows = 48;
  static constexpr std::size_t kCols = 65;
  std::vector<float> values_ = std::vector<float>(kRows * kCols);
};

TEST_F(Quantize, FormatsListsTheTable) {
  const Finished text = narrowgate({"formats"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_THAT(text.out, HasSubstr("mxfp4"));
  EXPECT_THAT(text.out, HasSubstr("int4_gN"));
  const Json json = Json::parse(narrowgate({"formats", "--json"}).out);
  EXPECT_EQ(json.size(), formats().size());
}

TEST_F(Quantize, WritesWhatTheLibraryMakes) {
  const FloatView view = FloatView::row_major(values_.data(), kRows, kCols);
  struct Case {
    std::vector<std::string> arguments;
    Side side;
    BlockedFormat format;
    QuantizeOptions options;
  };
  const std::vector<Case> cases = {
      {{"--format", "mxfp4"}, Side::kA, {Format::kMxfp4, 32}, {}},
      {{"--format", "mxfp8_e4m3", "--scale-rule", "rceil", "--axis", "0"},
       Side::kB,
       {Format::kMxfp8E4m3, 32},
       {.scale_rule = ScaleRule::kRceil}},
      {{"--format", "nvfp4", "--stochastic", "7"},
       Side::kA,
       {Format::kNvfp4, 16},
       {.stochastic_seed = 7}},
      {{"--format", "uint4_g16", "--fp16-scales"},
       Side::kA,
       {Format::kUint4Group, 16},
       {.fp16_scales = true}},
      {{"--format", "fp8_e5m2", "--span", "lane", "--no-saturate"},
       Side::kA,
       {Format::kE5m2, 0},
       {.saturate = false, .span = ScaleSpan::kLane}}};
  for (const Case& c : cases) {
    std::vector<std::string> arguments = {"quantize", "W.npy", "-o", "Q.safetensors", "--json"};
    arguments.insert(arguments.end(), c.arguments.begin(), c.arguments.end());
    SCOPED_TRACE(::testing::PrintToString(arguments));
    const Finished finished = narrowgate(arguments);
    ASSERT_EQ(finished.exit_code, 0) << finished.err;
    const QuantizedMatrix wanted = quantize(view, c.side, c.format, c.options);
    const QuantizedMatrix got =
        TensorFile::open(folder_.file("Q.safetensors")).load_quantized("W", c.side);
    EXPECT_EQ(got.codes, wanted.codes);
    EXPECT_EQ(got.scale_codes, wanted.scale_codes);
    EXPECT_EQ(got.scales, wanted.scales);
    const Json json = Json::parse(finished.out);
    EXPECT_EQ(json["format"], to_string(c.format));
    EXPECT_DOUBLE_EQ(json["rms_error"], compare(view, wanted).rms);
  }
}

TEST_F(Quantize, InspectShowsFilesAndWhatIsQuantisedInThem) {
  ASSERT_EQ(narrowgate({"quantize", "W.npy", "--format", "mxfp4", "-o", "Q.safetensors"}).exit_code,
            0);
  const Finished text = narrowgate({"inspect", "Q.safetensors"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_THAT(text.out, HasSubstr("W.codes"));
  EXPECT_THAT(text.out, HasSubstr("48x65"));
  const Json json = Json::parse(narrowgate({"inspect", "Q.safetensors", "--json"}).out);
  EXPECT_EQ(json["matrices"][0]["format"], "mxfp4");
  EXPECT_EQ(json["matrices"][0]["lanes"], kRows);
  const Json npy = Json::parse(narrowgate({"inspect", "W.npy", "--json"}).out);
  EXPECT_EQ(npy["kind"], "npy");
  EXPECT_NEAR(npy["tensors"][0]["rms"], 1, 0.1);
  EXPECT_FALSE(
      Json::parse(narrowgate({"inspect", "W.npy", "--json", "--no-stats"}).out)["tensors"][0]
          .contains("rms"));
}

TEST_F(Quantize, RefusesWhatMakesNoSense) {
  const auto with = [](std::vector<std::string> more) {
    std::vector<std::string> all = {"quantize", "W.npy", "-o", "Q.safetensors"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  expect_refused(with({"--format", "mxfp5"}), "unknown format 'mxfp5'");
  expect_refused(with({"--format", "int4_g0"}), "groups of 0");
  expect_refused(with({"--format", "mxfp4", "--scale-rule", "up"}), "unknown scale rule 'up'");
  expect_refused(with({"--format", "nvfp4", "--scale-rule", "ceil"}), "it is for the MX formats");
  expect_refused(with({"--format", "mxfp4", "--no-saturate"}), "E4M3 and E5M2");
  expect_refused(with({"--format", "mxfp4", "--span", "lane"}), "without block scales");
  expect_refused(with({"--format", "int8", "--span", "row"}), "must be tensor, lane or none");
  expect_refused(with({"--format", "nvfp4", "--tensor-scale", "-1"}), "finite");
  expect_refused(with({"--format", "mxfp4", "--axis", "2"}), "--axis");
  expect_refused(with({"--format", "mxfp4", "--tensor", "V"}), "there is no tensor 'V'");
  expect_refused({"quantize", "none.npy", "--format", "mxfp4", "-o", "Q.safetensors"}, "none.npy");
  expect_refused({"quantize", "W.npy", "--format", "mxfp4", "-o", "no/Q.safetensors"},
                 "there is no folder");
  expect_refused({"inspect", "none"}, "none: cannot be read");
  std::ofstream(folder_.file("text")) << "not a matrix at all";
  expect_refused({"inspect", "text"}, "not a .npy, .npz, safetensors or GGUF file");
}

/// The result of `matmul` must be the library's product of these two, bit for bit.
class FactorsFromFiles : public Quantize {
 protected:
  void expect_product(const std::vector<std::string>& arguments, const QuantizedMatrix& a,
                      const QuantizedMatrix& b) {
    SCOPED_TRACE(::testing::PrintToString(arguments));
    std::vector<std::string> all = {"matmul"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    for (const char* more : {"-o", "C.npy", "--device", "reference"}) all.emplace_back(more);
    const Finished finished = narrowgate(all);
    ASSERT_EQ(finished.exit_code, 0) << finished.err;
    std::vector<float> wanted(a.rows * b.cols);
    GemmOptions options;
    FloatEpilogue epilogue;
    epilogue.channel_scales = b.lane_scales;
    options.epilogue = epilogue;
    gemm(Device::open("reference"), a.view(), b.view(), options,
         OutputView::row_major(wanted.data(), a.rows, b.cols));
    const cli::NpyArray c = read("C.npy");
    ASSERT_EQ(c.type, cli::NpyType::kFloat32);
    EXPECT_EQ(c.shape, (std::vector<std::size_t>{a.rows, b.cols}));
    const auto got = c.as<float>();
    EXPECT_TRUE(std::ranges::equal(got, wanted));
  }
  QuantizedMatrix made(Side side, BlockedFormat format, bool transposed = false,
                       const QuantizeOptions& options = {}) const {
    const FloatView view = FloatView::row_major(values_.data(), kRows, kCols);
    return quantize(transposed ? view.transposed() : view, side, format, options);
  }
};

TEST_F(FactorsFromFiles, QuantisedLayoutsAreTakenWithoutLoss) {
  const BlockedFormat mxfp4{Format::kMxfp4, 32};
  const BlockedFormat nvfp4{Format::kNvfp4, 16};
  save_safetensors(folder_.file("Q.safetensors"), "w", made(Side::kA, mxfp4));
  const QuantizedMatrix a = made(Side::kA, mxfp4);
  const QuantizedMatrix b = made(Side::kB, mxfp4, true);
  expect_product({"Q.safetensors", "Q.safetensors:w"}, a, b);
  expect_product({"Q.safetensors", "W.npy", "--b-format", "mxfp4", "--b-transposed"}, a, b);
  // In another format: what the codes stand for, quantised again.
  const std::vector<float> numbers = dequantize(a);
  const FloatView view = FloatView::row_major(numbers.data(), kRows, kCols);
  expect_product(
      {"Q.safetensors:w", "W.npy", "--a-format", "nvfp4", "--b-format", "nvfp4", "--b-transposed"},
      quantize(view, Side::kA, nvfp4), made(Side::kB, nvfp4, true));
}

TEST_F(FactorsFromFiles, ScalesOfABsColumnsBecomeTheResults) {
  const QuantizeOptions lanes{.span = ScaleSpan::kLane};
  const BlockedFormat fp8{Format::kE4m3, 0};
  save_safetensors(folder_.file("Q.safetensors"), "w", made(Side::kA, fp8, false, lanes));
  expect_product({"W.npy", "Q.safetensors", "--a-format", "fp8_e4m3"}, made(Side::kA, fp8),
                 made(Side::kB, fp8, true, lanes));
  const Finished refused = narrowgate({"matmul", "Q.safetensors", "W.npy", "-o", "C2.npy",
                                       "--b-format", "fp8_e4m3", "--b-transposed"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("a scale for each row, which only a B may have"));
}

TEST_F(FactorsFromFiles, SayWhatIsWrongInOneLine) {
  save_safetensors(folder_.file("S.safetensors"), "w", made(Side::kA, {Format::kMxfp4, 32}));
  const auto refused = [&](const std::vector<std::string>& arguments, const char* complaint) {
    const Finished finished = narrowgate(arguments);
    EXPECT_EQ(finished.exit_code, 2);
    EXPECT_THAT(finished.err, HasSubstr(complaint));
    EXPECT_THAT(finished.err, MatchesRegex("narrowgate: [^\n]+\n"));
  };
  refused({"matmul", "S.safetensors:nothing", "W.npy", "-o", "C.npy"}, "no tensor 'nothing'");
  refused({"matmul", "S.safetensors", "S.safetensors", "-o", "C.npy", "--b-transposed"},
          "--b-transposed does not go with it");
  refused({"matmul", "S.safetensors:w.scales", "W.npy", "-o", "C.npy"}, "8-bit integers or");
  refused({"bench", "--a", "S.safetensors", "--b", "W.npy", "--b-format", "mxfp4"},
          "they must be as many");
}

TEST_F(FactorsFromFiles, BenchTakesThemWithTheirSizes) {
  save_safetensors(folder_.file("S.safetensors"), "w", made(Side::kA, {Format::kMxfp4, 32}));
  const Finished finished =
      narrowgate({"bench", "--b", "S.safetensors", "--a-format", "mxfp8_e4m3", "--m", "5",
                  "--device", "reference", "--repeat", "1", "--json"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const Json json = Json::parse(finished.out);
  EXPECT_EQ(json.at("m"), 5);
  EXPECT_EQ(json.at("n"), kRows);
  EXPECT_EQ(json.at("k"), kCols);
  EXPECT_EQ(json.at("b_format"), "mxfp4");
}

}  // namespace
}  // namespace narrowgate::testing
