// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Files, quantisers and products against ggml's own code. $NARROWGATE_GGML is the folder of its
// shared libraries. Where the two differ on purpose (docs/formats.md), the tests say how.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <narrowgate/narrowgate.hpp>
#include <optional>
#include <random>

#include "peers/ggml.hpp"
#include "subprocess.hpp"
#include "writers.hpp"

namespace narrowgate::testing {
namespace {

constexpr std::uint32_t kSeed = 4242;
constexpr std::uint16_t kFp16One = 0x3C00;

const peers::GgmlType& type_called(const std::string& name) {
  for (const peers::GgmlType& type : peers::kGgmlTypes) {
    if (name == type.name) return type;
  }
  throw std::runtime_error(name);
}

class GgmlPeer : public ::testing::Test {
 protected:
  static constexpr std::size_t kLanes = 24;
  static constexpr std::size_t kDepth = 1024;

  void SetUp() override {
    const char* const folder = std::getenv("NARROWGATE_GGML");
    const char* const why = std::getenv("NARROWGATE_GGML_SKIPPED");
    if (folder == nullptr) {
      GTEST_SKIP() << (why != nullptr ? why : "no ggml libraries: make cross-check fetches them");
    }
    ggml_.emplace(peers::Ggml::open(folder));
  }

  std::vector<float> normal_numbers(std::size_t count) {
    std::normal_distribution<float> normal;
    std::vector<float> out(count);
    for (float& x : out) x = normal(random_);
    return out;
  }

  /// A matrix in ggml's blocks, as our reader of GGUF files sees it.
  QuantizedMatrix through_a_file(const peers::GgmlType& type, const std::string& blocks, Side side,
                                 std::size_t lanes, std::size_t depth) const {
    const std::string name = type.name;
    const std::uint32_t number = name == "q4_0"    ? 2
                                 : name == "q8_0"  ? 8
                                 : name == "mxfp4" ? 39
                                                   : 40;
    const std::string path = folder_.file("model.gguf");
    write_file(path, gguf({{"w", {depth, lanes}, number, blocks}}));
    return TensorFile::open(path).load_quantized("w", side);
  }

  /// Random blocks with scales that are finite numbers.
  std::string random_blocks(const std::string& name, std::size_t elements) {
    const peers::GgmlType& type = type_called(name);
    std::string out(peers::Ggml::bytes(type, elements), '\0');
    for (char& c : out) c = static_cast<char>(random_());
    for (std::size_t at = 0; at < out.size(); at += type.bytes) {
      if (name == "mxfp4") {
        out[at] = static_cast<char>(1 + random_() % 252);  // 255 is NaN, which ggml has not
      } else if (name == "nvfp4") {
        for (int i = 0; i < 4; ++i) out[at + i] = static_cast<char>(random_() % 0x7F);
      } else {
        const auto fp16 = static_cast<std::uint16_t>(random_() % 0x7C00 | (random_() % 2) << 15);
        std::memcpy(&out[at], &fp16, sizeof fp16);
      }
    }
    return out;
  }

  std::optional<peers::Ggml> ggml_;
  TemporaryFolder folder_;
  std::mt19937 random_{kSeed};
};

TEST_F(GgmlPeer, ReadingAFileGivesTheNumbersThatGgmlSees) {
  for (const peers::GgmlType& type : peers::kGgmlTypes) {
    SCOPED_TRACE(std::string(type.name) + " seed " + std::to_string(kSeed));
    const std::string blocks = random_blocks(type.name, kLanes * kDepth);
    std::vector<float> wanted(kLanes * kDepth);
    ggml_->dequantize(type, blocks.data(), wanted);
    const std::vector<float> got =
        dequantize(through_a_file(type, blocks, Side::kA, kLanes, kDepth));
    ASSERT_EQ(got.size(), wanted.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      // −0 and 0 are one number: ggml multiplies integers, which have no −0.
      ASSERT_EQ(got[i], wanted[i]) << "element " << i;
    }
  }
}

/// How far x / scale is from the middle between the two values that the codes stand for.
double from_the_tie(float x, double scale, double one, double other) {
  return std::abs(static_cast<double>(x) / scale - (one + other) / 2);
}

TEST_F(GgmlPeer, Mxfp4HasTheSameScalesAndElementsButForTies) {
  const peers::GgmlType& type = type_called("mxfp4");
  std::vector<float> x = normal_numbers(kLanes * kDepth);
  for (std::size_t i = 0; i < x.size(); i += 3) x[i] = std::round(x[i] * 8) / 8;  // ties
  std::string blocks(peers::Ggml::bytes(type, x.size()), '\0');
  for (const bool plain : {true, false}) {
    if (plain) {
      ggml_->quantize_plain(type, x, blocks.data());
    } else {
      ggml_->quantize(type, x, blocks.data());
    }
    const QuantizedMatrix theirs = through_a_file(type, blocks, Side::kA, kLanes, kDepth);
    const QuantizedMatrix ours =
        quantize(FloatView::row_major(x.data(), kLanes, kDepth), Side::kA, {Format::kMxfp4, 32});
    EXPECT_EQ(ours.scale_codes, theirs.scale_codes);
    std::size_t ties = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double one = decode(Format::kE2m1, ours.codes[i]);
      const double other = decode(Format::kE2m1, theirs.codes[i]);
      if (one == other) continue;
      const double scale = decode_scale(ScaleKind::kE8m0, ours.scale_codes[i / 32]);
      ASSERT_EQ(from_the_tie(x[i], scale, one, other), 0) << "element " << i << ", seed " << kSeed;
      ++ties;
    }
    RecordProperty("ties_rounded_otherwise", static_cast<int>(ties));
  }
}

TEST_F(GgmlPeer, Nvfp4DiffersOnlyWhereAScaleOrAnElementIsNearATie) {
  const peers::GgmlType& type = type_called("nvfp4");
  const std::vector<float> x = normal_numbers(kLanes * kDepth);
  std::string blocks(peers::Ggml::bytes(type, x.size()), '\0');
  ggml_->quantize_plain(type, x, blocks.data());
  const QuantizedMatrix theirs = through_a_file(type, blocks, Side::kA, kLanes, kDepth);
  QuantizeOptions options;
  options.tensor_scale = 1.0F;  // ggml's blocks have none
  const QuantizedMatrix ours = quantize(FloatView::row_major(x.data(), kLanes, kDepth), Side::kA,
                                        {Format::kNvfp4, 16}, options);
  std::size_t other_scales = 0;
  for (std::size_t b = 0; b < ours.scale_codes.size(); ++b) {
    const double scale = decode_scale(ScaleKind::kUe4m3, ours.scale_codes[b]);
    if (ours.scale_codes[b] != theirs.scale_codes[b]) {
      ++other_scales;
      continue;
    }
    for (std::size_t i = b * 16; i < (b + 1) * 16; ++i) {
      const double one = decode(Format::kE2m1, ours.codes[i]);
      const double other = decode(Format::kE2m1, theirs.codes[i]);
      if (one == other) continue;
      ASSERT_LT(from_the_tie(x[i], scale, one, other), 1e-5) << "element " << i;
    }
  }
  // Ties of normally distributed numbers are rare.
  EXPECT_LE(other_scales, ours.scale_codes.size() / 100) << "seed " << kSeed;
}

TEST_F(GgmlPeer, Q8_0HasTheSameScalesAndElementsWithinTheRoundedScale) {
  const peers::GgmlType& type = type_called("q8_0");
  const std::vector<float> x = normal_numbers(kLanes * kDepth);
  std::string blocks(peers::Ggml::bytes(type, x.size()), '\0');
  ggml_->quantize_plain(type, x, blocks.data());
  const QuantizedMatrix theirs = through_a_file(type, blocks, Side::kA, kLanes, kDepth);
  QuantizeOptions options;
  options.fp16_scales = true;
  const QuantizedMatrix ours = quantize(FloatView::row_major(x.data(), kLanes, kDepth), Side::kA,
                                        {Format::kInt8Group, 32}, options);
  EXPECT_EQ(ours.scales, theirs.scales);
  for (std::size_t i = 0; i < x.size(); ++i) {
    // ggml divides by the scale before it is rounded to FP16, which moves 127 by 1/16 at most.
    const int one = static_cast<std::int8_t>(ours.codes[i]);
    const int other = static_cast<std::int8_t>(theirs.codes[i]);
    if (one == other) continue;
    ASSERT_LE(std::abs(one - other), 1) << "element " << i;
    ASSERT_LT(from_the_tie(x[i], ours.scales[i / 32], one, other), 0.07) << "element " << i;
  }
}

/// Random blocks whose scales are all 1, so that every way of adding gives the same integer.
class GgmlProduct : public GgmlPeer {
 protected:
  std::string unit_blocks(const std::string& name, std::size_t elements) {
    const peers::GgmlType& type = type_called(name);
    std::string out = random_blocks(name, elements);
    for (std::size_t at = 0; at < out.size(); at += type.bytes) {
      if (name == "mxfp4") {
        out[at] = 127;
      } else if (name == "nvfp4") {
        for (int i = 0; i < 4; ++i) out[at + i] = 0x38;
      } else {
        std::memcpy(&out[at], &kFp16One, sizeof kFp16One);
        // ggml's vector code takes |−128| for −128; its quantisers never make that code.
        for (std::size_t i = at + 2; name == "q8_0" && i < at + type.bytes; ++i) {
          if (out[i] == -128) out[i] = -127;
        }
      }
    }
    return out;
  }

  std::vector<float> products(const std::string& a_type, const std::string& a,
                              const std::string& b) const {
    const peers::GgmlType& type = type_called(a_type);
    const peers::GgmlType& q8 = type_called("q8_0");
    std::vector<float> out(kLanes * kLanes);
    for (std::size_t r = 0; r < kLanes; ++r) {
      for (std::size_t c = 0; c < kLanes; ++c) {
        out[r * kLanes + c] =
            ggml_->dot_q8_0(type, a.data() + r * peers::Ggml::bytes(type, kDepth),
                            b.data() + c * peers::Ggml::bytes(q8, kDepth), kDepth);
      }
    }
    return out;
  }

  std::vector<float> reference(const MatrixView& a, const MatrixView& b, int a_zero = 0) const {
    const Device device = Device::open("reference");
    GemmOptions options;
    options.a_zero = a_zero;
    options.epilogue = FloatEpilogue{};
    std::vector<float> out(kLanes * kLanes);
    gemm(device, a, b, options, OutputView::row_major(out.data(), kLanes, kLanes));
    return out;
  }

  /// The codes of a matrix as plain elements, without its scales of 1.
  static MatrixView codes(const QuantizedMatrix& m, Format format) {
    return m.side == Side::kA ? MatrixView::row_major(m.codes.data(), format, m.rows, m.cols)
                              : MatrixView::col_major(m.codes.data(), format, m.rows, m.cols);
  }
};

TEST_F(GgmlProduct, OfIntegersIsOurExactSum) {
  const std::string b = unit_blocks("q8_0", kLanes * kDepth);
  const QuantizedMatrix b_matrix = through_a_file(type_called("q8_0"), b, Side::kB, kLanes, kDepth);
  struct Case {
    const char* type;
    Format format;
    int zero;
  };
  for (const Case& c : {Case{"q8_0", Format::kInt8, 0},
                        {"q4_0", Format::kUint4, 8},
                        {"mxfp4", Format::kE2m1, 0},
                        {"nvfp4", Format::kE2m1, 0}}) {
    SCOPED_TRACE(std::string(c.type) + " seed " + std::to_string(kSeed));
    const std::string a = unit_blocks(c.type, kLanes * kDepth);
    const QuantizedMatrix a_matrix =
        through_a_file(type_called(c.type), a, Side::kA, kLanes, kDepth);
    EXPECT_EQ(products(c.type, a, b),
              reference(codes(a_matrix, c.format), codes(b_matrix, Format::kInt8), c.zero));
  }
}

TEST_F(GgmlProduct, OfScaledBlocksIsOursWithinTheRoundingOfItsSums) {
  const std::vector<float> x = normal_numbers(kLanes * kDepth);
  const std::vector<float> y = normal_numbers(kLanes * kDepth);
  const peers::GgmlType& mxfp4 = type_called("mxfp4");
  const peers::GgmlType& q8 = type_called("q8_0");
  std::string a(peers::Ggml::bytes(mxfp4, x.size()), '\0');
  std::string b(peers::Ggml::bytes(q8, y.size()), '\0');
  ggml_->quantize(mxfp4, x, a.data());
  ggml_->quantize(q8, y, b.data());
  const QuantizedMatrix a_matrix = through_a_file(mxfp4, a, Side::kA, kLanes, kDepth);
  const QuantizedMatrix b_matrix = through_a_file(q8, b, Side::kB, kLanes, kDepth);
  const std::vector<float> theirs = products("mxfp4", a, b);
  const std::vector<float> ours = reference(a_matrix.view(), b_matrix.view());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    // ggml adds in eight sums at once: both are within a few roundings of the exact sum, whose
    // terms are far below 2000 in all.
    ASSERT_NEAR(ours[i], theirs[i], 2000 * 32 * 0x1p-24) << i << ", seed " << kSeed;
  }
}

}  // namespace
}  // namespace narrowgate::testing
