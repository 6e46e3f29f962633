// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <stdexcept>

#include "fashion_mnist/idx.hpp"
#include "fashion_mnist/network.hpp"
#include "fashion_mnist/quantised.hpp"

namespace examples {
namespace {

namespace ng = narrowgate;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string idx_refusal(const std::vector<std::uint8_t>& file) {
  try {
    parse_idx(file, "x");
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "was read";
}

TEST(Idx, ReadsSizesAndBytes) {
  const IdxArray array = parse_idx({0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6}, "x");
  EXPECT_THAT(array.shape, ElementsAre(2, 3));
  EXPECT_THAT(array.bytes, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Idx, RefusesDamagedFiles) {
  EXPECT_THAT(idx_refusal({}), HasSubstr("not an idx file"));
  EXPECT_THAT(idx_refusal({0, 0, 9, 1, 0, 0, 0, 0}), HasSubstr("not an idx file"));
  EXPECT_THAT(idx_refusal({0, 0, 8, 2, 0, 0, 0, 2, 0}), HasSubstr("truncated"));
  EXPECT_THAT(idx_refusal({0, 0, 8, 1, 0, 0, 0, 3, 1, 2}), HasSubstr("do not fit"));
  // 2³² − 1 to the fourth power must not wrap around to something that fits.
  std::vector<std::uint8_t> huge(21, 0xFF);
  std::copy_n(std::array<std::uint8_t, 4>{0, 0, 8, 4}.begin(), 4, huge.begin());
  EXPECT_THAT(idx_refusal(huge), HasSubstr("do not fit"));
}

/// Ten kinds of noisy images that are easy to tell apart.
Dataset toy_data(std::size_t count, std::uint32_t seed) {
  constexpr std::size_t kPixels = 40;
  std::mt19937 random(seed);
  Dataset data{count, kPixels, {}, {}};
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t label = static_cast<std::uint8_t>(random() % kClasses);
    data.labels.push_back(label);
    for (std::size_t p = 0; p < kPixels; ++p) {
      const unsigned noise = random() % 100;
      data.images.push_back(static_cast<std::uint8_t>(noise + (p % kClasses == label ? 150 : 0)));
    }
  }
  return data;
}

std::size_t right(const float* scores, const Dataset& data) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < data.count; ++i) {
    const float* row = scores + i * kClasses;
    count += std::max_element(row, row + kClasses) - row == data.labels[i] ? 1 : 0;
  }
  return count;
}

class FashionMnist : public ::testing::Test {
 protected:
  static constexpr TrainingOptions kTraining{.hidden = 24, .epochs = 8, .batch = 20};
  const Dataset training_ = toy_data(1000, 5);
  const Dataset test_ = toy_data(300, 6);
};

TEST_F(FashionMnist, LearnsAndGivesTheSameBitsEachTime) {
  const Network network = train(training_, kTraining);
  const Matrix scores = scores_of(network, inputs_of(test_, 0, test_.count));
  EXPECT_GE(right(scores.data(), test_), 290U);
  EXPECT_EQ(train(training_, kTraining).hidden.weights, network.hidden.weights);
}

TEST_F(FashionMnist, KeepsItsAccuracyInIntegers) {
  const Network network = train(training_, kTraining);
  const Matrix calibration = inputs_of(training_, 0, 200);
  for (const ng::Format format : {ng::Format::kInt8, ng::Format::kInt4}) {
    const QuantisedNetwork quantised = quantise(network, format, calibration);
    const Classified classified =
        classify(ng::Device::open("reference"), quantised, test_.images, test_.count);
    EXPECT_GE(right(classified.scores.data(), test_), 280U) << ng::info(format).name;
  }
}

TEST_F(FashionMnist, QuantisesWeightsWithinHalfAStepUnlessCut) {
  std::mt19937 random(7);
  std::normal_distribution<float> value;
  Matrix weights(200, 3);
  for (float& weight : weights.reshaped()) weight = value(random);
  for (const ng::Format format : {ng::Format::kInt8, ng::Format::kInt4}) {
    const QuantisedWeights q = quantise_weights(weights, format);
    const int limit = ng::info(format).max;
    for (Eigen::Index k = 0; k < weights.rows(); ++k) {
      for (Eigen::Index n = 0; n < weights.cols(); ++n) {
        const int integer = q.values[static_cast<std::size_t>(k * 3 + n)];
        const float scale = q.scales[static_cast<std::size_t>(n)];
        EXPECT_LE(std::abs(integer), limit);
        if (std::abs(integer) < limit) {
          EXPECT_LE(std::abs(weights(k, n) - scale * static_cast<float>(integer)), 0.5001F * scale);
        }
      }
    }
  }
}

TEST_F(FashionMnist, QuantisesAColumnOfZeros) {
  const QuantisedWeights q = quantise_weights(Matrix::Zero(4, 2), ng::Format::kInt8);
  EXPECT_THAT(q.values, ::testing::Each(0));
  EXPECT_THAT(q.scales, ::testing::Each(::testing::Gt(0.0F)));
}

}  // namespace
}  // namespace examples
