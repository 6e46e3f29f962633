// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "narrowgate/error.hpp"
#include "reference.hpp"

namespace narrowgate::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The one line with which a call is refused.
template <typename Wanted>
std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Wanted& error) {
    EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
    return error.what();
  }
  ADD_FAILURE() << "was accepted";
  return "";
}

class Refusals : public ::testing::Test {
 protected:
  std::string shape(FloatView view) const {
    return refusal<ShapeError>([=] { quantize(view, Side::kA, {Format::kMxfp4, 32}); });
  }
  std::string options(BlockedFormat format, const QuantizeOptions& o) const {
    return refusal<InvalidArgumentError>([=, this] { quantize(view_, Side::kA, format, o); });
  }
  std::vector<float> values_ = std::vector<float>(64, 1.0F);
  FloatView view_ = FloatView::row_major(values_.data(), 4, 16);
};

TEST_F(Refusals, ViewsThatDescribeNoMemory) {
  EXPECT_THAT(shape(FloatView::row_major(values_.data(), 0, 16)), HasSubstr("0 x 16"));
  EXPECT_THAT(shape(FloatView::row_major(static_cast<const float*>(nullptr), 4, 16)),
              HasSubstr("null"));
  FloatView far = view_;
  far.row_stride = std::numeric_limits<std::ptrdiff_t>::max() / 2;
  EXPECT_THAT(shape(far), HasSubstr("beyond memory"));
  far.row_stride = std::numeric_limits<std::ptrdiff_t>::min();
  EXPECT_THAT(shape(far), HasSubstr("beyond memory"));
  const FloatView huge =
      FloatView::row_major(values_.data(), std::size_t{1} << 40, std::size_t{1} << 40);
  EXPECT_THAT(shape(huge), HasSubstr("more elements than memory holds"));
  FloatView odd = view_;
  odd.data = reinterpret_cast<const char*>(values_.data()) + 1;
  EXPECT_THAT(shape(odd), HasSubstr("not aligned to 4 bytes"));
}

TEST_F(Refusals, OptionsThatAFormatDoesNotTake) {
  EXPECT_THAT(options({Format::kMxfp4, 16}, {}), HasSubstr("mxfp4 in blocks of 16: they have 32"));
  EXPECT_THAT(options({Format::kInt8, 16}, {}), HasSubstr("it has none"));
  EXPECT_THAT(options({Format::kInt4Group, 0}, {}), HasSubstr("1 or more"));
  EXPECT_THAT(options({Format::kMxfp4, 32}, {.tensor_scale = 1.0F}), HasSubstr("takes none here"));
  EXPECT_THAT(options({Format::kUint8, 0}, {.tensor_scale = 1.0F}), HasSubstr("takes none here"));
  for (const float scale : {0.0F, -1.0F, HUGE_VALF, std::nanf("")}) {
    EXPECT_THAT(options({Format::kNvfp4, 16}, {.tensor_scale = scale}), HasSubstr("finite"));
  }
  EXPECT_THAT(options({Format::kUint4, 0}, {.span = ScaleSpan::kLane}), HasSubstr("zero-point"));
}

TEST_F(Refusals, ScaleRulesThatThereAreNot) {
  EXPECT_EQ(parse_scale_rule("rceil"), ScaleRule::kRceil);
  EXPECT_THAT(refusal<InvalidArgumentError>([] { parse_scale_rule("round"); }),
              HasSubstr("unknown scale rule 'round': it must be one of floor, rceil, even, ceil"));
}

}  // namespace
}  // namespace narrowgate::testing
