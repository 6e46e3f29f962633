// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/card_offer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "fake_card.hpp"
#include "random_problem.hpp"

namespace narrowgate::testing {
namespace {

using internal::CardImage;

using Names = std::vector<std::array<const char*, 2>>;

CardImage image_with(const Names& pairs) {
  nlohmann::json metadata = fake_metadata();
  if (!pairs.empty()) metadata["pairs"] = pairs;
  return internal::parse_card_image(metadata, "some.xclbin");
}

std::string refusal(const CardImage& image, Format a, Format b) {
  try {
    internal::check_offer(image, Problem{1, 1, 64, a, b, {}, 32, 32});
    return "";
  } catch (const UnsupportedError& error) {
    return error.what();
  }
}

TEST(CardOffer, NamesThePairsWhenItRefusesOne) {
  const CardImage image = image_with(Names{{"int8", "int8"}, {"int8", "int4_group"}});
  EXPECT_EQ(refusal(image, Format::kInt8, Format::kInt8), "");
  EXPECT_EQ(refusal(image, Format::kInt8, Format::kInt4Group), "");
  EXPECT_EQ(refusal(image, Format::kInt4Group, Format::kInt8),
            "image 'fake' does not multiply int4_group x int8: it multiplies int8 x int8, int8 x "
            "int4_group");
}

TEST(CardOffer, RefusesScalesThatNoKernelMultiplies) {
  const CardImage image = image_with({});
  EXPECT_EQ(refusal(image, Format::kInt8Group, Format::kInt4Group),
            "a card does not multiply int8_group x int4_group: at most one operand may have FP32 "
            "scales");
  EXPECT_EQ(refusal(image, Format::kE4m3, Format::kInt4Group),
            "a card does not multiply fp8_e4m3 x int4_group: products with fp6_e3m2, fp8_e4m3 or "
            "fp8_e5m2 elements take scales that are powers of two");
  EXPECT_NE(refusal(image, Format::kNvfp4, Format::kE3m2), "");
  EXPECT_NE(refusal(image, Format::kE4m3Group, Format::kE4m3), "");
  EXPECT_NE(refusal(image, Format::kE4m3Group, Format::kE4m3Group), "");
  EXPECT_EQ(refusal(image, Format::kNvfp4, Format::kInt8), "");
  EXPECT_EQ(refusal(image, Format::kMxfp8E5m2, Format::kE4m3), "");
}

TEST(CardOffer, RefusesBlocksTooLongForTheExactSumsOfACard) {
  const CardImage image = image_with({});
  const auto offers = [&](Format a, Format b, std::size_t k) {
    try {
      internal::check_offer(image, Problem{1, 1, k, a, b, {}});
      return std::string();
    } catch (const AccumulatorRangeError& error) {
      return std::string(error.what());
    }
  };
  // 57344² in steps of 2^-32 has 64 bits: 167 of them are just below 2^71.
  EXPECT_EQ(offers(Format::kE5m2, Format::kE5m2, 167), "");
  EXPECT_EQ(
      offers(Format::kE5m2, Format::kE5m2, 168),
      "a block of K = 168 could overflow a card's exact sum: it may be up to 167 for fp8_e5m2 "
      "x fp8_e5m2");
  EXPECT_EQ(offers(Format::kE4m3, Format::kE5m2, 131071), "");
  EXPECT_NE(offers(Format::kE4m3, Format::kE4m3, 131072), "");
  EXPECT_EQ(offers(Format::kMxfp8E5m2, Format::kE5m2, 1'000'000), "") << "blocks of 32";
}

TEST(CardOffer, ReachesCanRunAndSubmit) {
  nlohmann::json metadata = fake_metadata();
  metadata["pairs"] = Names{{"int8", "int8"}};
  const Device fake = open_fake(std::make_shared<FakeState>(), std::chrono::seconds(10), metadata);
  EXPECT_EQ(fake.describe().pairs, (std::vector{std::pair{Format::kInt8, Format::kInt8}}));
  const RandomCall call = random_call(1, Format::kInt8, Format::kInt4, 0, 4, 4, 4);
  const Verdict verdict = can_run(fake, call.problem);
  EXPECT_EQ(verdict.code, ErrorCode::kUnsupported);
  EXPECT_THROW(result_bits(fake, call, 1), UnsupportedError);
}

TEST(CardOffer, RefusesAKernelWithoutOneOfTheArguments) {
  const nlohmann::json metadata = fake_metadata();
  const std::size_t count = metadata["kernel"]["args"].size();
  for (std::size_t i = 0; i < count; ++i) {
    nlohmann::json without = metadata;
    without["kernel"]["args"].erase(i);
    EXPECT_THROW(internal::parse_card_image(without, "old.xclbin"), BadImageError)
        << metadata["kernel"]["args"][i];
  }
}

TEST(CardOffer, WantsResidentOperandsInTheBlocksOfTheOtherOne) {
  const Device fake = open_fake(std::make_shared<FakeState>());
  const Device reference = Device::open("reference");
  // Groups of 3 steps: blocks of INT8 that do not fill their beats.
  RandomCall call = random_call(3, Format::kInt8, Format::kInt4Group, 4, 40, 40, 64);
  for (std::uint64_t seed = 4; call.problem.b_block != 3; ++seed) {
    call = random_call(seed, Format::kInt8, Format::kInt4Group, 4, 40, 40, 64);
  }
  std::vector<float> c(1600), expected(1600);
  const OutputView view = OutputView::row_major(c.data(), 40, 40);
  const Operand b = pack(fake, Side::kB, call.b.view);
  EXPECT_EQ(b.block(), 3U);
  try {
    gemm(fake, pack(fake, Side::kA, call.a.view), b, call.problem.options, view);
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(),
                 "operand A was packed in blocks of 64 elements along K, and the other one has "
                 "blocks of 3: pack it with that as BlockScales::block");
  }
  MatrixView a = call.a.view;
  a.scales.block = 3;
  gemm(fake, pack(fake, Side::kA, a), b, call.problem.options, view);
  gemm(reference, call.a.view, call.b.view, call.problem.options,
       OutputView::row_major(expected.data(), 40, 40));
  EXPECT_EQ(std::memcmp(c.data(), expected.data(), 6400), 0) << call.line;
}

}  // namespace
}  // namespace narrowgate::testing
