// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Quantised layouts: what each means is written out by hand here, and compared with what is loaded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <narrowgate/error.hpp>
#include <narrowgate/files.hpp>
#include <random>
#include <string>
#include <vector>

#include "subprocess.hpp"
#include "writers.hpp"

namespace narrowgate::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::uint32_t kSeed = 99;
constexpr float kE2m1[16] = {0, .5F, 1, 1.5F, 2, 3, 4, 6, -0.F, -.5F, -1, -1.5F, -2, -3, -4, -6};

class Layouts : public ::testing::Test {
 protected:
  TensorFile open(const std::string& bytes) const {
    write_file(path_, bytes);
    return TensorFile::open(path_);
  }
  std::string random_bytes(std::size_t count) {
    std::string out(count, '\0');
    for (char& c : out) c = static_cast<char>(random_());
    return out;
  }
  unsigned byte(const std::string& s, std::size_t i) const {
    return static_cast<unsigned char>(s[i]);
  }
  /// FP16 scales that are normal numbers.
  std::vector<std::uint16_t> scales(std::size_t count) {
    std::vector<std::uint16_t> out(count);
    for (auto& s : out) s = static_cast<std::uint16_t>(0x2000 + random_() % 0x2000);
    return out;
  }
  /// lanes × depth values, whichever side the matrix was loaded for.
  void expect(const TensorFile& file, const std::string& name, const std::string& format,
              std::size_t lanes, const std::vector<float>& values) {
    SCOPED_TRACE(name + " seed " + std::to_string(kSeed));
    const std::size_t depth = values.size() / lanes;
    const auto all = file.quantized();
    const auto found = std::ranges::find(all, name, &QuantizedInfo::name);
    ASSERT_NE(found, all.end());
    EXPECT_EQ(to_string(found->format), format);
    EXPECT_EQ(found->lanes, lanes);
    EXPECT_EQ(found->depth, depth);
    EXPECT_EQ(dequantize(file.load_quantized(name, Side::kA)), values);
    const std::vector<float> b = dequantize(file.load_quantized(name, Side::kB));
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(b[i % depth * lanes + i / depth], values[i]) << i;
    }
  }
  std::mt19937 random_{kSeed};
  TemporaryFolder folder_;
  std::string path_ = folder_.file("file");
};

TEST_F(Layouts, GgufQ4AndQ8) {
  constexpr std::size_t kBlocks = 6;
  const std::vector<std::uint16_t> d = scales(kBlocks);
  std::string q4;
  std::string q8;
  std::vector<float> v4(kBlocks * 32);
  std::vector<float> v8(kBlocks * 32);
  for (std::size_t b = 0; b < kBlocks; ++b) {
    const std::string nibbles = random_bytes(16);
    const std::string bytes = random_bytes(32);
    for (std::size_t j = 0; j < 32; ++j) {
      const unsigned code = j < 16 ? byte(nibbles, j) & 15 : byte(nibbles, j - 16) >> 4;
      v4[b * 32 + j] = static_cast<float>(static_cast<int>(code) - 8) * fp16_to_float(d[b]);
      v8[b * 32 + j] = static_cast<float>(static_cast<signed char>(bytes[j])) * fp16_to_float(d[b]);
    }
    q4 += raw_one(d[b]) + nibbles;
    q8 += raw_one(d[b]) + bytes;
  }
  const TensorFile file = open(gguf({{"q4", {64, 3}, 2, q4}, {"q8", {96, 2}, 8, q8}}));
  expect(file, "q4", "uint4_g32", 3, v4);
  expect(file, "q8", "int8_g32", 2, v8);
  EXPECT_EQ(file.load("q4"), v4);
  EXPECT_EQ(file.load_quantized("q4", Side::kA).zeros, std::vector<std::uint8_t>(kBlocks, 8));
}

TEST_F(Layouts, GgufMxfp4AndNvfp4) {
  std::string mx;
  std::vector<float> mx_values;
  for (int b = 0; b < 4; ++b) {
    const auto e = static_cast<unsigned char>(100 + random_() % 50);
    const std::string q = random_bytes(16);
    mx += static_cast<char>(e) + q;
    for (std::size_t j = 0; j < 32; ++j) {
      const unsigned code = j < 16 ? byte(q, j) & 15 : byte(q, j - 16) >> 4;
      mx_values.push_back(std::ldexp(kE2m1[code], e - 127));
    }
  }
  std::string nv;
  std::vector<float> nv_values(128);
  for (std::size_t b = 0; b < 2; ++b) {
    std::string d = random_bytes(4);
    for (char& c : d) c = static_cast<char>(byte(std::string(1, c), 0) % 0x7F);
    const std::string q = random_bytes(32);
    nv += d + q;
    for (std::size_t s = 0; s < 4; ++s) {
      for (std::size_t j = 0; j < 8; ++j) {
        const float scale = decode(Format::kE4m3, static_cast<std::uint8_t>(d[s]));
        nv_values[b * 64 + s * 16 + j] = kE2m1[byte(q, s * 8 + j) & 15] * scale;
        nv_values[b * 64 + s * 16 + j + 8] = kE2m1[byte(q, s * 8 + j) >> 4] * scale;
      }
    }
  }
  const TensorFile file = open(gguf({{"mx", {64, 2}, 39, mx}, {"nv", {64, 2}, 40, nv}}));
  expect(file, "mx", "mxfp4", 2, mx_values);
  expect(file, "nv", "nvfp4", 2, nv_values);
}

TEST_F(Layouts, AwqAndGptq) {
  constexpr std::size_t kK = 32;
  constexpr std::size_t kN = 16;
  constexpr std::size_t kGroup = 8;
  constexpr std::size_t kGroups = kK / kGroup;
  std::vector<unsigned> code(kK * kN);
  std::vector<unsigned> zero(kGroups * kN);
  for (unsigned& c : code) c = random_() % 16;
  for (unsigned& z : zero) z = 1 + random_() % 15;
  const std::vector<std::uint16_t> scale = scales(kGroups * kN);
  constexpr std::size_t kOrder[8] = {0, 2, 4, 6, 1, 3, 5, 7};
  std::vector<std::uint32_t> awq(kK * kN / 8);
  std::vector<std::uint32_t> awq_zeros(kGroups * kN / 8);
  std::vector<std::uint32_t> gptq(kK / 8 * kN);
  std::vector<std::uint32_t> gptq_zeros(kGroups * kN / 8);
  for (std::size_t c = 0; c < kN / 8; ++c) {
    for (std::size_t i = 0; i < 8; ++i) {
      for (std::size_t k = 0; k < kK; ++k) {
        awq[k * kN / 8 + c] |= code[k * kN + 8 * c + kOrder[i]] << (4 * i);
      }
      for (std::size_t g = 0; g < kGroups; ++g) {
        awq_zeros[g * kN / 8 + c] |= zero[g * kN + 8 * c + kOrder[i]] << (4 * i);
        gptq_zeros[g * kN / 8 + c] |= (zero[g * kN + 8 * c + i] - 1) << (4 * i);
      }
    }
  }
  std::vector<std::int32_t> order(kK);
  std::vector<float> values(kN * kK);
  for (std::size_t k = 0; k < kK; ++k) {
    order[k] = static_cast<std::int32_t>(k / kGroup);
    for (std::size_t n = 0; n < kN; ++n) {
      gptq[k / 8 * kN + n] |= code[k * kN + n] << (4 * (k % 8));
      const std::size_t at = k / kGroup * kN + n;
      values[n * kK + k] =
          static_cast<float>(static_cast<int>(code[k * kN + n]) - static_cast<int>(zero[at])) *
          fp16_to_float(scale[at]);
    }
  }
  const auto with_order = [&](const std::vector<std::int32_t>& g_idx) {
    return safetensors({{"a.qweight", "I32", "32,2", raw(awq)},
                        {"a.qzeros", "I32", "4,2", raw(awq_zeros)},
                        {"a.scales", "F16", "4,16", raw(scale)},
                        {"g.qweight", "I32", "4,16", raw(gptq)},
                        {"g.qzeros", "I32", "4,2", raw(gptq_zeros)},
                        {"g.scales", "F16", "4,16", raw(scale)},
                        {"g.g_idx", "I32", "32", raw(g_idx)}});
  };
  const TensorFile file = open(with_order(order));
  expect(file, "a.qweight", "uint4_g8", kN, values);
  expect(file, "g.qweight", "uint4_g8", kN, values);
  std::swap(order[0], order[31]);
  try {
    open(with_order(order)).load_quantized("g.qweight", Side::kB);
    ADD_FAILURE() << "was read";
  } catch (const BadFileError& error) {
    EXPECT_THAT(error.what(), HasSubstr("activation order"));
  }
}

TEST_F(Layouts, CompressedTensors) {
  constexpr std::size_t kLanes = 8;
  constexpr std::size_t kK = 24;
  std::vector<std::uint32_t> words(kLanes * kK / 8);
  for (auto& w : words) w = static_cast<std::uint32_t>(random_());
  std::vector<std::uint32_t> zeros(2);  // 8 lanes in one word, 2 groups
  for (auto& z : zeros) z = static_cast<std::uint32_t>(random_());
  std::vector<float> scale(kLanes * 2);
  for (auto& s : scale) s = static_cast<float>(random_() % 1000 + 1) / 256;
  std::vector<float> symmetric(kLanes * kK);
  std::vector<float> asymmetric(kLanes * kK);
  for (std::size_t n = 0; n < kLanes; ++n) {
    for (std::size_t k = 0; k < kK; ++k) {
      const int code = static_cast<int>(words[(n * kK + k) / 8] >> (4 * (k % 8)) & 15) - 8;
      const int zero = static_cast<int>(zeros[k / 12] >> (4 * n) & 15) - 8;
      symmetric[n * kK + k] = static_cast<float>(code) * scale[n * 2 + k / 12];
      asymmetric[n * kK + k] = static_cast<float>(code - zero) * scale[n * 2 + k / 12];
    }
  }
  const std::string shape = raw(std::vector<std::int64_t>{8, 24});
  const TensorFile file = open(safetensors({{"s.weight_packed", "I32", "8,3", raw(words)},
                                            {"s.weight_scale", "F32", "8,2", raw(scale)},
                                            {"s.weight_shape", "I64", "2", shape},
                                            {"z.weight_packed", "I32", "8,3", raw(words)},
                                            {"z.weight_scale", "F32", "8,2", raw(scale)},
                                            {"z.weight_shape", "I64", "2", shape},
                                            {"z.weight_zero_point", "I32", "1,2", raw(zeros)}}));
  expect(file, "s.weight_packed", "int4_g12", kLanes, symmetric);
  expect(file, "z.weight_packed", "uint4_g12", kLanes, asymmetric);
}

TEST_F(Layouts, OcpMxfp4AndNvfp4OfTwoLibraries) {
  const std::string blocks = random_bytes(2 * 2 * 16);
  const std::string mx_scales = "\x7F\x80\x70\x81";
  std::vector<float> mx(2 * 64);
  const std::string packed = random_bytes(2 * 16);
  const std::string nv_scales = "\x38\x40\x30\x08";
  std::vector<float> nv(2 * 32);
  for (std::size_t i = 0; i < mx.size(); ++i) {
    const unsigned code = byte(blocks, i / 2) >> (i % 2 * 4) & 15;
    mx[i] = std::ldexp(kE2m1[code], static_cast<int>(byte(mx_scales, i / 32)) - 127);
  }
  for (std::size_t i = 0; i < nv.size(); ++i) {
    const unsigned code = byte(packed, i / 2) >> (i % 2 * 4) & 15;
    const auto s = static_cast<std::uint8_t>(nv_scales[i / 16]);
    nv[i] = kE2m1[code] * decode(Format::kE4m3, s) * 0.25F;
  }
  const TensorFile file =
      open(safetensors({{"e_blocks", "U8", "1,2,2,16", blocks},
                        {"e_scales", "U8", "1,2,2", mx_scales},
                        {"m.weight", "U8", "2,16", packed},
                        {"m.weight_scale", "F8_E4M3", "2,2", nv_scales},
                        {"m.weight_scale_2", "F32", "", raw(std::vector<float>{0.25F})},
                        {"c.weight_packed", "U8", "2,16", packed},
                        {"c.weight_scale", "F8_E4M3", "2,2", nv_scales},
                        {"c.weight_global_scale", "F32", "1", raw(std::vector<float>{4})}}));
  expect(file, "e", "mxfp4", 2, mx);
  expect(file, "m.weight", "nvfp4", 2, nv);
  expect(file, "c.weight_packed", "nvfp4", 2, nv);
  EXPECT_EQ(file.quantized().size(), 3U);
}

TEST_F(Layouts, Fp8WithItsScales) {
  const std::string codes = "\x38\x40\x48\xB8";  // 1 2 4 -1
  const TensorFile file =
      open(safetensors({{"t.weight", "F8_E4M3", "2,2", codes},
                        {"t.weight_scale", "F32", "", raw(std::vector<float>{.5F})},
                        {"l.weight", "F8_E4M3", "2,2", codes},
                        {"l.weight_scale", "F32", "2,1", raw(std::vector<float>{2, 3})}}));
  expect(file, "t.weight", "fp8_e4m3", 2, {.5F, 1, 2, -.5F});
  expect(file, "l.weight", "fp8_e4m3", 2, {2, 4, 12, -3});
  EXPECT_EQ(file.load("l.weight"), (std::vector<float>{2, 4, 12, -3}));
}

TEST_F(Layouts, Fp8WithAScaleForEach128By128) {
  std::vector<float> s = {1, 2, 3, 4, 5, 6};
  const TensorFile blocks =
      open(safetensors({{"w", "F8_E4M3", "130,257", std::string(130 * 257, '\x38')},
                        {"w_scale_inv", "F32", "2,3", raw(s)}}));
  ASSERT_EQ(blocks.quantized().size(), 1U);
  EXPECT_EQ(to_string(blocks.quantized().front().format), "fp8_e4m3_g128");
  EXPECT_EQ(blocks.quantized().front().layout, "fp8-128x128");
  const std::vector<float> values = blocks.load("w");
  EXPECT_EQ(dequantize(blocks.load_quantized("w", Side::kA)), values);
  const QuantizedMatrix b = blocks.load_quantized("w", Side::kB);
  EXPECT_EQ(b.rows, 257U);
  EXPECT_EQ(b.scales[129 * 3 + 2], 6);
  // As many scales as rows: their shape says that they are the blocks'.
  const TensorFile wide =
      open(safetensors({{"w", "F8_E5M2", "3,300", std::string(900, '\x3C')},
                        {"w_scale_inv", "F32", "1,3", raw(std::vector<float>{1, 2, 4})}}));
  EXPECT_EQ(wide.load("w")[299], 4);
  EXPECT_EQ(dequantize(wide.load_quantized("w", Side::kA)), wide.load("w"));
  EXPECT_EQ(values[0], 1);
  EXPECT_EQ(values[128], 2);
  EXPECT_EQ(values[129 * 257 + 256], 6);
}

TEST_F(Layouts, WhatIsSavedIsReadBackInEveryFormat) {
  std::normal_distribution<float> normal;
  std::vector<float> values(7 * 67);
  for (float& v : values) v = normal(random_);
  for (const FormatInfo& f : formats()) {
    for (const Side side : {Side::kA, Side::kB}) {
      for (const ScaleSpan span : {ScaleSpan::kTensor, ScaleSpan::kLane}) {
        const bool lane = span == ScaleSpan::kLane;
        if (lane && (f.has_scales() || (!f.is_float && !f.is_signed))) continue;
        SCOPED_TRACE(f.name);
        QuantizeOptions options;
        options.span = span;
        const QuantizedMatrix q = quantize(FloatView::row_major(values.data(), 7, 67), side,
                                           {f.format, f.is_group() ? 16 : f.block}, options);
        save_safetensors(path_, "m", q);
        const QuantizedMatrix back = TensorFile::open(path_).load_quantized("m", side);
        EXPECT_EQ(back.format, q.format);
        EXPECT_EQ(back.rows, q.rows);
        EXPECT_EQ(back.block, q.block);
        EXPECT_EQ(back.codes, q.codes);
        EXPECT_EQ(back.scale_codes, q.scale_codes);
        EXPECT_EQ(back.scales, q.scales);
        EXPECT_EQ(back.zeros, q.zeros);
        EXPECT_EQ(back.tensor_scale, q.tensor_scale);
        EXPECT_EQ(back.lane_scales, q.lane_scales);
        EXPECT_EQ(back.zero, q.zero);
      }
    }
  }
}

TEST_F(Layouts, RefusesDescriptionsThatDoNotFit) {
  const auto refusal = [&](const std::string& description, const std::string& scales_type) {
    const TensorFile file = open(safetensors(
        {{"m.codes", "U8", "2,16", random_bytes(32)}, {"m.scales", scales_type, "2,1", "\x7F\x7F"}},
        "\"narrowgate.m\":\"" + description + "\""));
    try {
      file.load_quantized("m", Side::kA);
    } catch (const BadFileError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string good = R"({\"format\":\"mxfp4\",\"lanes\":2,\"depth\":32})";
  EXPECT_EQ(refusal(good, "F8_E8M0"), "");
  EXPECT_THAT(refusal(good, "U8"), HasSubstr("must be 2 of F8_E8M0"));
  EXPECT_THAT(refusal(R"({\"format\":\"mxfp9\",\"lanes\":2,\"depth\":32})", "F8_E8M0"),
              HasSubstr("unknown format"));
  EXPECT_THAT(
      refusal(R"({\"format\":\"mxfp4\",\"lanes\":2,\"depth\":320000000000000000})", "F8_E8M0"),
      HasSubstr("not the one described"));
  EXPECT_THAT(refusal("7", "F8_E8M0"), HasSubstr("must give"));
}

}  // namespace
}  // namespace narrowgate::testing
