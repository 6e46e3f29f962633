// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The predictor against the simulated card's own counter, on a grid of shapes and formats. Prints
// the whole grid, so that the constants of host/src/model/predict.cpp can be set anew from it.
#include "narrowgate/predict.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <narrowgate_xclbin/xclbin.hpp>
#include <random>

#include "gemm/descriptor.hpp"
#include "model/image_model.hpp"
#include "narrowgate/narrowgate.hpp"

namespace narrowgate::testing {
namespace {

std::string image_path(const std::string& name) {
  return std::string(NG_IMAGES) + "/" + name + ".xclbin";
}

/// Cycles do not depend on the values.
QuantizedMatrix operand(const BlockedFormat& format, Side side, std::size_t rows,
                        std::size_t cols) {
  const std::vector<float> ones(rows * cols, 1.0F);
  QuantizedMatrix out = quantize(FloatView::row_major(ones.data(), rows, cols), side, format);
  out.tensor_scale = 1;  // so that integers may have integer results
  return out;
}

Report simulate(const Device& device, const PredictedShape& s) {
  const QuantizedMatrix a = operand(s.a, Side::kA, s.m, s.k);
  const QuantizedMatrix b = operand(s.b, Side::kB, s.k, s.n);
  GemmOptions options;
  const bool integers = info(s.a.format).is_plain_integer() && info(s.b.format).is_plain_integer();
  if (!integers) options.epilogue = FloatEpilogue{};
  std::vector<std::int32_t> c(s.m * s.n);
  return gemm(device, a.view(), b.view(), options,
              OutputView::row_major(c.data(), output_format(options.epilogue), s.m, s.n));
}

constexpr double kDescriptorBytes = sizeof(std::uint32_t) * std::size_t{ng_descriptor::kNumWords};

struct Size {
  std::size_t m, n, k;
};

class Predict : public ::testing::TestWithParam<std::string> {
 protected:
  Predict() : device_(open()) {}

  static Device open() {
    OpenOptions options;
    options.image = image_path(GetParam());
    return Device::open("emulator", options);
  }

  /// Holds one point of the grid to `percent`.
  void expect_near(const Size& size, const char* a, const char* b, double percent) {
    const PredictedShape shape{size.m, size.n, size.k, parse_blocked_format(a),
                               parse_blocked_format(b)};
    const Prediction predicted = predict(image_path(GetParam()), shape);
    const Report report = simulate(device_, shape);
    const auto simulated = static_cast<double>(report.cycles);
    const double off = 100 * (static_cast<double>(predicted.cycles) / simulated - 1);
    const std::string line = GetParam() + " " + std::to_string(size.m) + " x " +
                             std::to_string(size.n) + " x " + std::to_string(size.k) + " " + a +
                             " x " + b;
    std::printf("%-56s simulated %8.0f  predicted %8llu  %+6.2f %%  %s\n", line.c_str(), simulated,
                static_cast<unsigned long long>(predicted.cycles), off,
                std::string(name(predicted.bound)).c_str());
    EXPECT_LE(std::abs(off), percent) << line;
    EXPECT_EQ(predicted.compute_cycles + predicted.memory_cycles + predicted.overhead_cycles,
              predicted.cycles);
    // All bytes but the descriptors'.
    const double moved = static_cast<double>(report.bytes_read + report.bytes_written);
    const double descriptors = moved - predicted.bytes;
    EXPECT_EQ(std::fmod(descriptors, kDescriptorBytes), 0) << line << ": " << descriptors;
    EXPECT_TRUE(descriptors >= kDescriptorBytes && descriptors <= 32 * kDescriptorBytes)
        << line << ": " << descriptors;
  }

  /// Whether the image multiplies a pair of formats.
  bool holds(const char* a, const char* b) const {
    const nlohmann::json metadata = xclbin::ReadImage(image_path(GetParam())).metadata;
    const auto image = internal::ImageModel::of(metadata, image_path(GetParam()), 0).image;
    const std::pair pair{parse_blocked_format(a).format, parse_blocked_format(b).format};
    return std::ranges::count(image.formats, pair.first) != 0 &&
           std::ranges::count(image.formats, pair.second) != 0 &&
           (image.pairs.empty() || std::ranges::count(image.pairs, pair) != 0);
  }

  Device device_;
};

TEST_P(Predict, IsWithinThreePercentOfTheSimulatedCycles) {
  const double percent = 3;
  for (const Size& size : {Size{32, 32, 32},
                           {64, 64, 64},
                           {1, 1, 300},
                           {32, 32, 1024},
                           {33, 65, 129},
                           {32, 512, 64},
                           {128, 128, 128},
                           {96, 96, 2048},
                           {256, 256, 64},
                           {256, 256, 256},
                           {512, 64, 200},
                           {1, 1024, 1024},
                           {251, 509, 127}}) {
    expect_near(size, "int8", "int8", percent);
  }
  constexpr std::pair<const char*, const char*> kPairs[] = {
      {"int4", "int4"},         {"uint8", "int4"},
      {"mxfp4", "mxfp4"},       {"nvfp4", "nvfp4"},
      {"mxint8", "mxfp4"},      {"mxfp6_e2m3", "mxfp6_e2m3"},
      {"mxfp8_e4m3", "mxfp4"},  {"mxfp8_e5m2", "mxfp8_e4m3"},
      {"fp8_e4m3", "fp8_e4m3"}, {"int8", "int4_g128"},
      {"uint4_g32", "int8"},    {"fp6_e3m2", "fp4_e2m1"}};
  for (const auto& [a, b] : kPairs) {
    if (!holds(a, b)) continue;
    expect_near({64, 64, 128}, a, b, percent);
    expect_near({160, 160, 256}, a, b, percent);
    expect_near({3, 384, 512}, a, b, percent);
  }
}

// Where A's reads and C's writes contend for one bank and the array hardly works, the order of the
// memory's work decides, which the model follows burst by burst only.
TEST_P(Predict, IsWithinSixPercentWhereABankIsContendedFor) {
  for (const Size& size :
       {Size{512, 64, 128}, {1024, 32, 64}, {512, 32, 64}, {32, 1024, 32}, {1024, 64, 16}}) {
    expect_near(size, "int8", "int8", 6);
    expect_near(size, "int4", "int4", 6);
  }
}

// Products of many calls and of many rows, of which the model runs some.
TEST_P(Predict, IsWithinThreePercentOfLongProducts) {
  const std::size_t n =
      GetParam() == "gemm_small" ? 2 : 8;  // the smallest array simulates the slowest
  expect_near({128 * n, 128 * n, 512}, "int8", "int8", 3);
  expect_near({512 * n, 64, 256}, "int8", "int8", 3);
  expect_near({64 * n, 256 * n, 1024}, "int4", "int4", 3);
}

/// Images with 16 MiB of buffer for A.
class LargeBuffers : public ::testing::TestWithParam<std::string> {};

// The traffic bound, and no more than a tenth above it up to 4096³, in whole rows of tiles.
TEST_P(LargeBuffers, MoveHardlyMoreThanTheLeast) {
  const auto tile_rows = [&] {
    OpenOptions options;
    options.image = image_path(GetParam());
    return Device::open("emulator", options).describe().tile_rows;
  }();
  for (const std::size_t size : {1024U, 2048U, 4096U}) {
    for (const char* format : {"int8", "int4", "mxfp6_e2m3", "mxfp4"}) {
      const BlockedFormat f = parse_blocked_format(format);
      const Prediction p =
          predict(image_path(GetParam()), {size / tile_rows * tile_rows, size, size, f, f});
      EXPECT_GE(p.bytes, p.least_bytes) << size << " " << format;
      EXPECT_LE(p.bytes, 1.1 * p.least_bytes) << size << " " << format;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Images, LargeBuffers,
                         ::testing::Values("gemm_int8", "gemm_u250", "gemm_u55c"),
                         [](const auto& test) { return test.param; });
INSTANTIATE_TEST_SUITE_P(Images, Predict,
                         ::testing::Values("gemm_int8", "gemm_small", "gemm_u250", "gemm_u55c",
                                           "gemm_lut"),
                         [](const auto& test) { return test.param; });

TEST(PredictModel, FollowsTheClockInTimeAndInMemory) {
  const PredictedShape shape{1024, 1024, 1024, {}, {}};
  const Prediction at_300 = predict(image_path("gemm_int8"), shape, 300);
  const Prediction at_150 = predict(image_path("gemm_int8"), shape, 150);
  EXPECT_EQ(at_300.bound, Bound::kCompute);
  EXPECT_GT(at_300.utilisation(), 0.99);
  EXPECT_NEAR(at_150.seconds() / at_300.seconds(), 2, 0.01);
  // A clock that memory cannot follow, where each panel of B serves one row of tiles.
  const PredictedShape row{32, 1024, 1024, {}, {}};
  const Prediction at_2000 = predict(image_path("gemm_int8"), row, 2000);
  EXPECT_EQ(at_2000.bound, Bound::kMemory);
  EXPECT_GT(2 * at_2000.cycles, 3 * predict(image_path("gemm_int8"), row, 300).cycles);
}

TEST(PredictModel, NamesWhatTheImageDoesNotHold) {
  EXPECT_THROW(predict(image_path("gemm_int8"),
                       {64, 64, 64, parse_blocked_format("mxfp4"), parse_blocked_format("nvfp4")}),
               Error);
  EXPECT_THROW(predict(image_path("gemm_int8"), {0, 64, 64, {}, {}}), InvalidArgumentError);
  EXPECT_THROW(predict("no_such_image", {64, 64, 64, {}, {}}), MissingImageError);
}

// Shapes of all sizes and clocks: the model always comes to an end, which is no earlier than the
// array's work, and no earlier than what a port of the array's results takes.
TEST(PredictModel, EndsForEveryShape) {
  std::mt19937_64 random(7);
  const auto size = [&random] { return std::size_t{1} + (random() >> (64 - 1 - random() % 13)); };
  for (int i = 0; i < 600; ++i) {
    const char* const images[] = {"gemm_int8", "gemm_small", "gemm_u250"};
    const char* const formats[] = {"int8", "int4", "mxfp4", "mxfp8_e4m3", "nvfp4", "fp8_e5m2"};
    const char* const format = formats[random() % 6];
    const PredictedShape shape{size(), size(), size(), parse_blocked_format(format),
                               parse_blocked_format(format)};
    const std::string image = images[random() % 3];
    const double clock = random() % 4 == 0 ? 450 : 0;
    SCOPED_TRACE(image + " " + std::to_string(shape.m) + " x " + std::to_string(shape.n) + " x " +
                 std::to_string(shape.k) + " " + format + ", case " + std::to_string(i));
    const Prediction predicted = predict(image_path(image), shape, clock);
    EXPECT_GE(predicted.cycles, predicted.compute_cycles);
    EXPECT_LE(predicted.utilisation(), 1);
    EXPECT_GT(predicted.cycles, shape.m * shape.n / 16);
  }
}

TEST(PredictModel, SmallCallsAreBoundByOverhead) {
  EXPECT_EQ(predict(image_path("gemm_int8"), {1, 1, 1, {}, {}}).bound, Bound::kOverhead);
}

}  // namespace
}  // namespace narrowgate::testing
