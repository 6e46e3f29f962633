// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The images of bitstreams/ on the simulated card, through native XRT and through OpenCL: the
// kernel that hlsc has compiled must return the reference's bits, and its counters must add up.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <future>
#include <narrowgate_sim/emulation.hpp>
#include <narrowgate_xclbin/xclbin.hpp>

#include "random_group.hpp"

namespace narrowgate::testing {
namespace {

using namespace std::chrono_literals;

using ImageParam = std::tuple<std::string, Backend>;

class Image : public ::testing::TestWithParam<ImageParam> {
 protected:
  static Device open(std::chrono::milliseconds timeout = 10s) {
    OpenOptions options;
    options.image = std::string(NG_IMAGES) + "/" + std::get<0>(GetParam()) + ".xclbin";
    options.backend = std::get<1>(GetParam());
    options.timeout = timeout;
    return Device::open("emulator", options);
  }

  static void expect_equal(const Device& device, std::uint64_t seed, const RandomCall& call) {
    static const Device reference = Device::open("reference");
    ASSERT_EQ(result_bits(device, call, seed), result_bits(reference, call, seed)) << call.line;
  }
};
class ImageOfAnyPair : public Image {};
class ImageOfABeatAStep : public Image {};  // one beat of B's port feeds a step of all columns
class LargestImage : public Image {};

TEST_P(Image, AgreesWithTheReferenceForAllFormatsAndEpilogues) {
  const Device device = open();
  std::uint64_t seed = 9000;
  for (const FormatInfo& a : formats()) {
    for (const FormatInfo& b : formats()) {
      if (!can_share_blocks(a.format, b.format) ||
          !can_run(device, random_call(seed + 1, a.format, b.format, 0).problem)) {
        continue;  // not in this image
      }
      // All other pairs than those of integers have one epilogue: two problems of each.
      const bool integers = a.is_plain_integer() && b.is_plain_integer();
      for (int kind = integers ? 0 : kEpilogueKinds - 1; kind <= kOutputsKind; ++kind) {
        const RandomCall call = random_call(++seed, a.format, b.format, kind);
        if (can_run(device, call.problem)) expect_equal(device, seed, call);
      }
    }
  }
}

TEST_P(Image, AgreesOnAwkwardAndOnLargeShapes) {
  const Device device = open();
  std::uint64_t seed = 9500;
  for (const auto& [m, n, k] : {std::tuple{1, 1, 1},
                                {1, 1, 5000},
                                {1, 200, 33},
                                {200, 1, 33},
                                {33, 31, 2049},
                                {64, 64, 64},
                                {65, 97, 129},
                                {127, 128, 300},
                                {31, 33, 4097},
                                {96, 64, 2048}}) {
    for (const Format format : {Format::kInt8, Format::kUint4}) {
      ++seed;
      expect_equal(device, seed,
                   random_call(seed, format, Format::kInt8, static_cast<int>(seed % kEpilogueKinds),
                               static_cast<std::size_t>(m), static_cast<std::size_t>(n),
                               static_cast<std::size_t>(k)));
    }
  }
}

TEST_P(Image, MakesEveryOutputOfFloats) {
  const Device device = open();
  std::uint64_t seed = 9700;
  std::vector<bool> made(output_formats().size());
  for (const auto& [a, b] : {std::pair{Format::kInt8, Format::kInt8},
                             {Format::kE4m3, Format::kE5m2},
                             {Format::kMxfp8E4m3, Format::kMxfp4}}) {
    for (int i = 0; i < 40; ++i, ++seed) {
      const RandomCall call = random_call(seed, a, b, kOutputsKind, 50 + seed % 20, 130, 33);
      if (!can_run(device, call.problem)) continue;
      made[static_cast<std::size_t>(output_format(call.problem.options.epilogue))] = true;
      expect_equal(device, seed, call);
    }
  }
  // gemm_u55c makes no MX results, and has no floats with FP32 scales.
  if (device.describe().tile_rows <= 64) {
    EXPECT_EQ(std::count(made.begin(), made.end(), false), 1) << "all but int32";
  }
}

TEST_P(Image, KeepsAResultAsTheNextCallsA) {
  const Device device = open();
  const std::string image = std::get<0>(GetParam());
  if (image == "gemm_small" || image == "gemm_u55c") {  // A and C in pseudo-channels of their own
    EXPECT_THROW(allocate_result(device, 8, 8, OutputFormat::kMxfp4), UnsupportedError);
    return;
  }
  for (const OutputFormat between : {OutputFormat::kMxfp8E4m3, OutputFormat::kMxfp6E3m2,
                                     OutputFormat::kMxfp4, OutputFormat::kMxint8}) {
    const TwoLayers card = two_layers(device, between, 9800);
    EXPECT_EQ(card.kept, card.fetched) << info(between).name;
    EXPECT_EQ(card.kept, two_layers(Device::open("reference"), between, 9800).kept)
        << info(between).name;
  }
}

// Longer operands and results than one transfer (16 MiB) moves: parts once landed on one another.
TEST_P(Image, AgreesBeyondOneTransfer) {
  const Device device = open(60s);
  expect_equal(device, 9600, random_call(9600, Format::kInt8, Format::kInt8, 0, 32, 1060, 17000));
  expect_equal(device, 9601, random_call(9601, Format::kInt8, Format::kInt8, 0, 1000, 40, 17000));
  expect_equal(device, 9602, random_call(9602, Format::kInt8, Format::kInt8, 0, 2050, 2100, 5));
}

TEST_P(Image, IsExactAtTheBoundOnK) {
  const Device device = open();
  const std::size_t k = max_k(Format::kInt8, Format::kInt8);
  const std::vector<std::int8_t> extreme(k, -128);
  std::int32_t c = 0;
  gemm(device, MatrixView::row_major(extreme.data(), Format::kInt8, 1, k),
       MatrixView::row_major(extreme.data(), Format::kInt8, k, 1), {},
       OutputView::row_major(&c, 1, 1));
  EXPECT_EQ(c, 131071 * 16384);
}

TEST_P(Image, CountsCyclesStagesAndBeats) {
  const Device device = open();
  const RandomCall call = random_call(4, Format::kInt8, Format::kInt8, 0, 100, 100, 100);
  std::vector<std::int32_t> c(10000);
  const OutputView out = OutputView::row_major(c.data(), 100, 100);
  const Report first = gemm(device, call.a.view, call.b.view, call.problem.options, out);
  const Report second = gemm(device, call.a.view, call.b.view, call.problem.options, out);
  EXPECT_GT(first.cycles, 0U);
  EXPECT_EQ(first.cycles, second.cycles) << "the simulated card is deterministic";
  EXPECT_GT(first.utilisation(), 0.0);
  EXPECT_LE(first.utilisation(), 1.0);
  EXPECT_FALSE(first.stages.empty());
  for (const StageCounters& stage : first.stages) {
    EXPECT_LE(stage.busy, first.cycles) << stage.name;
    EXPECT_LE(stage.stall_in + stage.stall_out, 2 * stage.busy) << stage.name;
  }
  EXPECT_EQ(first.bytes_written, first.bytes_downloaded) << "the whole result, once";
  EXPECT_GE(first.bytes_read, first.bytes_uploaded) << "every operand at least once";
}

// Cycles are exact, so that this can be gated: every pair that people run first keeps the array as
// busy as INT8 does, within three points, and at 1024 in each direction at least 95 % of the time.
TEST_P(ImageOfAnyPair, KeepsTheArrayBusyInEveryPair) {
  const Device device = open();
  const DeviceInfo& image = device.describe();
  const std::size_t kSize = image.tile_cols > 32 ? 1024 : 256;
  const auto utilisation = [&](Format a, Format b) {
    const bool integers = info(a).is_plain_integer() && info(b).is_plain_integer();
    const RandomCall call =
        random_call(77, a, b, integers ? 0 : kEpilogueKinds - 1, kSize, kSize, kSize);
    std::vector<float> c(kSize * kSize);
    const OutputFormat format = output_format(call.problem.options.epilogue);
    return gemm(device, call.a.view, call.b.view, call.problem.options,
                OutputView::row_major(c.data(), format, kSize, kSize))
        .utilisation();
  };
  const double int8 = utilisation(Format::kInt8, Format::kInt8);
  EXPECT_GE(int8, 0.95);
  for (const auto& [a, b] : {std::pair{Format::kInt4, Format::kInt4},
                             {Format::kInt8, Format::kInt4Group},
                             {Format::kMxfp8E4m3, Format::kMxfp4},
                             {Format::kMxfp8E4m3, Format::kMxfp8E4m3},
                             {Format::kMxfp8E5m2, Format::kMxfp8E4m3},
                             {Format::kMxfp6E2m3, Format::kMxfp6E2m3},
                             {Format::kMxfp6E2m3, Format::kMxfp6E3m2},
                             {Format::kMxfp4, Format::kMxfp4},
                             {Format::kNvfp4, Format::kNvfp4},
                             {Format::kMxint8, Format::kMxint8},
                             {Format::kMxint8, Format::kMxfp4},
                             {Format::kE4m3, Format::kE4m3},
                             {Format::kE5m2, Format::kE4m3}}) {
    const double least = kSize == 1024 ? std::max(0.95, int8 - 0.03) : int8 - 0.03;
    EXPECT_GE(utilisation(a, b), least) << info(a).name << " x " << info(b).name;
  }
}

// An HBM pseudo-channel brings a third of a step of 128 bytes a cycle, and a panel comes during one
// pass over the one before: this array waits for memory (docs/rtl.md).
TEST_P(LargestImage, KeepsTheLargestArrayBusy) {
  const Device device = open();
  const DeviceInfo& image = device.describe();
  const std::size_t m = 4 * image.tile_rows, n = 4 * image.tile_cols, k = 4096;
  for (const Format format : {Format::kInt8, Format::kInt4}) {
    const RandomCall call = random_call(80, format, format, 0, m, n, k);
    std::vector<std::int32_t> c(m * n);
    const Report report = gemm(device, call.a.view, call.b.view, call.problem.options,
                               OutputView::row_major(c.data(), m, n));
    EXPECT_GE(report.utilisation(), 0.55) << report.cycles;
  }
}

TEST_P(Image, RunsAQueueOfCallsOfAllKinds) {
  const Device device = open();
  const Device reference = Device::open("reference");
  const std::vector<RandomCall> calls = random_group(device, 9900, 40, kOutputsKind);
  const auto bits = group_bits(device, calls, 9900);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    EXPECT_EQ(bits[i], result_bits(reference, calls[i], 9900)) << calls[i].line;
  }
}

// From one call to the next only the pipeline up to the lanes runs empty.
TEST_P(Image, KeepsTheArrayBusyBetweenQueuedCalls) {
  constexpr std::size_t kSize = 64, kCalls = 16;
  const Device device = open();
  const RandomCall call = random_call(78, Format::kInt8, Format::kInt8, 0, kSize, kSize, kSize);
  std::vector<std::int32_t> c(kCalls * kSize * kSize);
  std::vector<GemmCall> group;
  for (std::size_t i = 0; i < kCalls; ++i) {
    group.push_back({call.a.view, call.b.view, call.problem.options,
                     OutputView::row_major(&c[i * kSize * kSize], kSize, kSize)});
  }
  // Where the array is larger than its results' way out, a call takes as long as its tiles'
  // results.
  const DeviceInfo& image = device.describe();
  const double macs = std::pow(static_cast<double>(kSize), 3);
  const double peak = double{1.0} * image.tile_rows * image.tile_cols;
  const double tiles =
      std::ceil(double{kSize} / image.tile_rows) * std::ceil(double{kSize} / image.tile_cols);
  const double way_out = tiles * peak * 4.0 / (image.port_bits / 8);
  EXPECT_GE(gemm(device, group).utilisation(), 0.6 * std::min(1.0, macs / peak / way_out));
}

// Few rows and columns: slices of K side by side, the array's cells idle otherwise.
TEST_P(Image, SplitsALongKOfASmallResult) {
  const Device device = open();
  const DeviceInfo& image = device.describe();
  const std::size_t m = image.tile_rows / 4, n = image.tile_cols / 4, k = 8192;
  const RandomCall call = random_call(79, Format::kInt8, Format::kUint8, 0, m, n, k);
  std::vector<std::int32_t> c(m * n), expected(m * n);
  const Report report = gemm(device, call.a.view, call.b.view, call.problem.options,
                             OutputView::row_major(c.data(), m, n));
  gemm(Device::open("reference"), call.a.view, call.b.view, call.problem.options,
       OutputView::row_major(expected.data(), m, n));
  EXPECT_EQ(c, expected);
  // More than 64 lanes take two beats of memory a step.
  EXPECT_LE(report.cycles, image.tile_cols <= 64 ? k / 4 + 1000 : k);
}

// One row of A: B comes from the card's memory once, as fast as the memory gives it.
TEST_P(ImageOfABeatAStep, StreamsTheWeightsOfOneRow) {
  constexpr std::size_t kSize = 4096;
  const Device device = open();
  const std::vector<std::int8_t> a(kSize, 3), b(kSize * kSize, -5);
  std::vector<std::int32_t> c(kSize);
  const Operand weights =
      pack(device, Side::kB, MatrixView::row_major(b.data(), Format::kInt8, kSize, kSize));
  const Report report = gemm(device, MatrixView::row_major(a.data(), Format::kInt8, 1, kSize),
                             weights, {}, OutputView::row_major(c.data(), 1, kSize));
  EXPECT_EQ(c, std::vector<std::int32_t>(kSize, -15 * static_cast<std::int32_t>(kSize)));
  // A DDR4-2400 channel's peak is 19.2 GB/s: 64 bytes a cycle of 300 MHz.
  EXPECT_GE(double{kSize * kSize} / static_cast<double>(report.cycles), 0.9 * 64);
}

TEST_P(Image, ServesSeveralThreads) {
  const Device device = open();
  std::vector<std::future<void>> threads;
  for (std::uint64_t t = 0; t < 3; ++t) {
    threads.push_back(std::async(std::launch::async, [&, t] {
      for (std::uint64_t i = 0; i < 5; ++i) {
        const std::uint64_t seed = 100 * t + i;
        expect_equal(device, seed, random_call(seed, Format::kUint8, Format::kInt4, 1));
      }
    }));
  }
  for (auto& thread : threads) thread.get();
}

TEST_P(Image, SurvivesASimulatorKilledInTheMiddleOfACall) {
  std::vector<std::int8_t> a(2048 * 2048, 1), b(2048 * 2048, 1);
  std::vector<std::int32_t> c(2048 * 2048);
  const MatrixView view = MatrixView::row_major(a.data(), Format::kInt8, 2048, 2048);
  const Device device = open();
  const Job job = submit(device, view, MatrixView::row_major(b.data(), Format::kInt8, 2048, 2048),
                         {}, OutputView::row_major(c.data(), 2048, 2048));
  ASSERT_FALSE(job.wait(700ms));
  const auto start = std::chrono::steady_clock::now();
  kill(sim::Emulation::Instance().Status(0).simulator, SIGKILL);
  EXPECT_THROW(job.wait(), DeviceLostError);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
  const Device again = open();
  expect_equal(again, 1, random_call(1, Format::kInt8, Format::kInt8, 0));
}

/// gemm_small with a card whose port for B leads to another bank than XRT believes: all that the
/// kernel reads of B lies outside.
class MisroutedImage {
 public:
  MisroutedImage() {
    const std::string source = NG_SOURCE_DIR;
    xclbin::ImageContents contents;
    contents.manifest = read_json(source + "/bitstreams/gemm_small.json");
    contents.card = read_json(source + "/sim/cards/u55c-hbm2.json");
    contents.kernel =
        xclbin::ReadImage(std::string(NG_IMAGES) + "/gemm_small.xclbin").metadata.at("kernel");
    const std::string launcher =
        "#!/bin/sh\nsed 's/\"gmem_b\":1/\"gmem_b\":5/' card.json > wrong.json\n"
        "exec ./ng-simulator wrong.json\n";
    contents.files.push_back({"launch_hw_emu.sh", {launcher.begin(), launcher.end()}, true});
    std::ifstream simulator(NG_SMALL_SIMULATOR, std::ios::binary);
    contents.files.push_back(
        {"ng-simulator", {std::istreambuf_iterator<char>(simulator), {}}, true});
    const std::vector<std::uint8_t> bytes = xclbin::BuildImage(contents);
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  ~MisroutedImage() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  static nlohmann::json read_json(const std::string& path) {
    return nlohmann::json::parse(std::ifstream(path));
  }
  const std::string path_ = (std::filesystem::temp_directory_path() /
                             ("ng_misrouted_" + std::to_string(getpid()) + ".xclbin"))
                                .string();
};

class MisroutedCard : public ::testing::TestWithParam<Backend> {};

TEST_P(MisroutedCard, FailsEachCallWithTheNumberOfBusErrors) {
  const MisroutedImage image;
  OpenOptions options;
  options.image = image.path();
  options.backend = GetParam();
  const Device device = Device::open("emulator", options);
  const RandomCall call = random_call(4, Format::kInt8, Format::kInt8, 0, 10, 20, 100);
  std::vector<std::int32_t> c(200);
  for (int i = 0; i < 2; ++i) {  // the device lives on
    try {
      gemm(device, call.a.view, call.b.view, call.problem.options,
           OutputView::row_major(c.data(), 10, 20));
      FAIL() << "a kernel that reads zeros for B succeeded";
    } catch (const DeviceError& error) {
      // Two panels of 16 columns, 4 steps of 8 bits in a beat of 512: 25 beats each.
      EXPECT_NE(std::string(error.what()).find(": 50 on gmem_b;"), std::string::npos)
          << error.what();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, MisroutedCard,
                         ::testing::Values(Backend::kXrt, Backend::kOpencl),
                         [](const auto& test) { return std::string(to_string(test.param)); });

std::string name_of(const ::testing::TestParamInfo<ImageParam>& test) {
  return std::get<0>(test.param) + "_" + std::string(to_string(std::get<1>(test.param)));
}

const auto kBackends = ::testing::Values(Backend::kXrt, Backend::kOpencl);

INSTANTIATE_TEST_SUITE_P(Bitstreams, Image,
                         ::testing::Combine(::testing::Values("gemm_int8", "gemm_small",
                                                              "gemm_u250", "gemm_u55c"),
                                            kBackends),
                         name_of);
INSTANTIATE_TEST_SUITE_P(
    Bitstreams, ImageOfAnyPair,
    ::testing::Combine(::testing::Values("gemm_int8", "gemm_small", "gemm_u250"), kBackends),
    name_of);
INSTANTIATE_TEST_SUITE_P(Bitstreams, ImageOfABeatAStep,
                         ::testing::Combine(::testing::Values("gemm_u250"), kBackends), name_of);
INSTANTIATE_TEST_SUITE_P(Bitstreams, LargestImage,
                         ::testing::Combine(::testing::Values("gemm_u55c"), kBackends), name_of);

}  // namespace
}  // namespace narrowgate::testing
