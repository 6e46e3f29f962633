// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The kernel as C simulation against the oracle of problem.cpp.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "gemm/descriptor.hpp"
#include "gemm/gemm.hpp"
#include "problem.hpp"

namespace narrowgate::testing {
namespace {

using gemm_config::Beat;
constexpr int kBeatBytes = gemm_config::kPortBits / 8;
constexpr Geometry kGeometry{gemm_config::kRows, gemm_config::kCols, gemm_config::kPortBits,
                             gemm_config::kTallRows - gemm_config::kRows};

std::vector<Beat> ToBeats(const std::vector<uint8_t>& bytes) {
  std::vector<Beat> beats(bytes.size() / kBeatBytes);
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int bit = static_cast<int>(i % kBeatBytes) * 8;
    beats[i / kBeatBytes].range(bit + 7, bit) = ap_uint<8>(bytes[i]);
  }
  return beats;
}

std::vector<uint8_t> ToBytes(const std::vector<Beat>& beats) {
  std::vector<uint8_t> bytes(beats.size() * kBeatBytes);
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int bit = static_cast<int>(i % kBeatBytes) * 8;
    bytes[i] =
        static_cast<uint8_t>(ap_uint<8>(beats[i / kBeatBytes].range(bit + 7, bit)).to_uint());
  }
  return bytes;
}

/// Memory behind one pointer argument: the calls' data, one after the other.
struct Bank {
  std::vector<Beat> beats;
  uint64_t Add(const std::vector<uint8_t>& bytes) {
    const uint64_t first = beats.size();
    const std::vector<Beat> more = ToBeats(bytes);
    beats.insert(beats.end(), more.begin(), more.end());
    return first;
  }
};

std::vector<uint8_t> Descriptor(const Problem& p, uint64_t a, uint64_t b, uint64_t v, uint64_t c) {
  using namespace ng_descriptor;  // NOLINT(google-build-using-namespace)
  uint32_t words[kNumWords] = {};
  const auto place = [&words](int word, uint64_t beats) {
    words[word] = static_cast<uint32_t>(beats);
    words[word + 1] = static_cast<uint32_t>(beats >> 32);
  };
  place(kA, a);
  place(kB, b);
  place(kV, v);
  place(kC, c);
  place(kRecords, v + p.m_tiles * static_cast<uint32_t>(p.geometry.rows) / gemm_config::kLanes);
  words[kOrder] = p.order;
  words[kMTiles] = p.m_tiles;
  words[kNTiles] = p.n_tiles;
  words[kK] = static_cast<uint32_t>(p.shape.k);
  words[kAFormat] = p.a_format;
  words[kBFormat] = p.b_format;
  words[kBlock] = p.block;
  words[kBlocks] = p.blocks;
  words[kSumExponent] = p.sum_exponent;
  words[kMode] = static_cast<uint32_t>(p.shape.mode);
  words[kScale] = p.scale;
  words[kOutZero] = p.out_zero;
  words[kClampLo] = p.clamp_lo;
  words[kClampHi] = p.clamp_hi;
  words[kOutFormat] = p.out_format;
  words[kActivation] = gemm_config::kNoActivation;
  words[kN] = static_cast<uint32_t>(p.shape.n);
  std::vector<uint8_t> bytes(sizeof words);
  std::memcpy(bytes.data(), words, sizeof words);
  return bytes;
}

/// The results of a queue of calls, one after the other.
std::vector<uint8_t> Results(const std::vector<Problem>& calls) {
  Bank a, b, v, c, q;
  q.Add(std::vector<uint8_t>(4 * ng_descriptor::kNumWords));  // number 0 is not called
  for (const Problem& p : calls) {
    q.Add(Descriptor(p, a.Add(p.a), b.Add(p.b), v.Add(p.v),
                     c.Add(std::vector<uint8_t>(p.expected.size()))));
  }
  gemm_config::Memory port_a(a.beats.data(), a.beats.size()),
      port_b(b.beats.data(), b.beats.size());
  gemm_config::Memory port_v(v.beats.data(), v.beats.size()),
      port_c(c.beats.data(), c.beats.size());
  gemm_config::Memory port_q(q.beats.data(), q.beats.size());
  gemm(port_a, port_b, port_v, port_c, port_q, 1, static_cast<uint32_t>(calls.size()));
  EXPECT_TRUE(port_a.settled() && port_b.settled() && port_v.settled() && port_c.settled() &&
              port_q.settled());
  return ToBytes(c.beats);
}

std::vector<uint8_t> Result(const Problem& p) { return Results({p}); }

void Check(const Shape& shape, uint64_t seed) {
  const Problem p = MakeProblem(shape, kGeometry, seed);
  EXPECT_EQ(Result(p), p.expected) << Describe(shape, seed);
}

class GemmCsim : public ::testing::TestWithParam<int> {};

TEST_P(GemmCsim, EveryPairOfFormatsAndEveryMode) {
  const int mode = GetParam();
  uint64_t seed = 1000 + static_cast<uint64_t>(mode);
  for (int a = 0; a < 4; ++a) {
    for (int b = 0; b < 4; ++b) {
      Check({33, 35, 19, Format(a), Format(b), Mode(mode), a % 2 == 1}, ++seed);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Modes, GemmCsim, ::testing::Range(0, 5));

TEST(GemmCsim, AwkwardShapes) {
  const int sizes[][3] = {{1, 1, 1},  {1, 1, 2},   {32, 32, 32}, {31, 33, 3},  {1, 97, 5},
                          {65, 1, 7}, {67, 71, 1}, {64, 64, 17}, {97, 33, 61}, {1, 33, 131}};
  uint64_t seed = 2000;
  for (const auto& s : sizes) {
    for (const Format format : {Format::kInt8, Format::kUint4}) {
      Check({s[0], s[1], s[2], format, Format::kInt8, Mode::kRaw}, ++seed);
    }
  }
}

TEST(GemmCsim, OperandsTooLongForTheBufferAreStreamed) {
  const int k = gemm_config::kBBufferBeats * 2 + 3;
  Check({40, 70, k, Format::kInt8, Format::kInt8, Mode::kRaw}, 3001);
  Check({70, 33, 2 * k + 2, Format::kInt4, Format::kUint4, Mode::kRaw}, 3002);
}

TEST(GemmCsim, ByColumnsOfTiles) {
  const int long_k = gemm_config::kBBufferBeats * 2 + 3;
  const int sizes[][3] = {{1, 1, 1}, {70, 1, 5}, {1, 97, 9}, {67, 71, 33}, {40, 70, long_k}};
  uint64_t seed = 3050;
  for (const auto& s : sizes) {
    for (const Mode mode : {Mode::kRaw, Mode::kFloat32}) {
      const Shape shape{s[0], s[1], s[2], Format::kInt8, Format::kInt4, mode};
      const Problem p = ByColumns(MakeProblem(shape, kGeometry, ++seed));
      EXPECT_EQ(Result(p), p.expected) << Describe(shape, seed);
    }
    const BlockFormat group{ng_formats::kUint4, ng_formats::kFp32AndZero};
    BlockShape shape{s[0], s[1], s[2], {ng_formats::kInt8, ng_formats::kNoScale}, group};
    shape.output = ng_formats::kBf16;
    const Problem p = ByColumns(MakeBlockProblem(shape, kGeometry, ++seed));
    EXPECT_EQ(Result(p), p.expected) << Describe(shape, seed);
  }
}

TEST(GemmCsim, CallsOfAQueueOfAllKinds) {
  std::vector<Problem> calls;
  std::vector<uint8_t> expected;
  uint64_t seed = 3100;
  for (int i = 0; i < 30; ++i) {
    ++seed;
    const int m = 1 + i * 7 % 70, n = 1 + i * 11 % 67, k = 1 + i * 13 % 90;
    if (i % 3 == 2) {
      const BlockFormat mxfp4{ng_formats::kE2m1, ng_formats::kE8m0};
      calls.push_back(MakeBlockProblem({m, n, k, mxfp4, mxfp4, 32, i % 2 == 0}, kGeometry, seed));
    } else {
      calls.push_back(
          MakeProblem({m, n, k, Format(i % 4), Format(i / 4 % 4), Mode(i % 5)}, kGeometry, seed));
    }
    if (i % 4 == 1) calls.back() = ByColumns(calls.back());
    expected.insert(expected.end(), calls.back().expected.begin(), calls.back().expected.end());
  }
  EXPECT_EQ(Results(calls), expected) << "seeds 3101 to " << seed;
}

struct BlockPair {
  const char* name;
  BlockFormat a, b;
  int block;
};

constexpr BlockPair kBlockPairs[] = {
    {"mxint8_mxint8",
     {ng_formats::kInt8, ng_formats::kE8m0},
     {ng_formats::kInt8, ng_formats::kE8m0},
     32},
    {"mxint8_mxfp4",
     {ng_formats::kInt8, ng_formats::kE8m0},
     {ng_formats::kE2m1, ng_formats::kE8m0},
     32},
    {"mxfp4_mxfp4",
     {ng_formats::kE2m1, ng_formats::kE8m0},
     {ng_formats::kE2m1, ng_formats::kE8m0},
     32},
    {"nvfp4_nvfp4",
     {ng_formats::kE2m1, ng_formats::kUe4m3},
     {ng_formats::kE2m1, ng_formats::kUe4m3},
     16},
    {"mxfp6_e2m3_e2m3",
     {ng_formats::kE2m3, ng_formats::kE8m0},
     {ng_formats::kE2m3, ng_formats::kE8m0},
     32},
    {"mxfp6_e2m3_e3m2",
     {ng_formats::kE2m3, ng_formats::kE8m0},
     {ng_formats::kE3m2, ng_formats::kE8m0},
     32},
    {"mxfp6_e3m2_e3m2",
     {ng_formats::kE3m2, ng_formats::kE8m0},
     {ng_formats::kE3m2, ng_formats::kE8m0},
     32},
    {"mxfp8_e4m3_e4m3",
     {ng_formats::kE4m3, ng_formats::kE8m0},
     {ng_formats::kE4m3, ng_formats::kE8m0},
     32},
    {"mxfp8_e5m2_e5m2",
     {ng_formats::kE5m2, ng_formats::kE8m0},
     {ng_formats::kE5m2, ng_formats::kE8m0},
     32},
    {"mxfp8_e5m2_e4m3",
     {ng_formats::kE5m2, ng_formats::kE8m0},
     {ng_formats::kE4m3, ng_formats::kE8m0},
     32},
    {"mxfp8_mxfp4",
     {ng_formats::kE4m3, ng_formats::kE8m0},
     {ng_formats::kE2m1, ng_formats::kE8m0},
     32},
    {"mxfp8_mxint8",
     {ng_formats::kE4m3, ng_formats::kE8m0},
     {ng_formats::kInt8, ng_formats::kE8m0},
     32},
    {"fp8_e4m3_e4m3",
     {ng_formats::kE4m3, ng_formats::kNoScale},
     {ng_formats::kE4m3, ng_formats::kNoScale},
     0},
    {"fp8_e5m2_e4m3",
     {ng_formats::kE5m2, ng_formats::kNoScale},
     {ng_formats::kE4m3, ng_formats::kNoScale},
     0},
    {"fp6_e3m2_uint8",
     {ng_formats::kE3m2, ng_formats::kNoScale},
     {ng_formats::kUint8, ng_formats::kNoScale},
     0},
    {"int8_int4_group",
     {ng_formats::kInt8, ng_formats::kNoScale},
     {ng_formats::kInt4, ng_formats::kFp32},
     32},
    {"uint8_int8_group",
     {ng_formats::kUint8, ng_formats::kNoScale},
     {ng_formats::kInt8, ng_formats::kFp32},
     64},
    {"int8_uint4_group",
     {ng_formats::kInt8, ng_formats::kNoScale},
     {ng_formats::kUint4, ng_formats::kFp32AndZero},
     32},
    {"int4_uint4_group",
     {ng_formats::kInt4, ng_formats::kNoScale},
     {ng_formats::kUint4, ng_formats::kFp32AndZero},
     64},
    {"int4_int4_group",
     {ng_formats::kInt4, ng_formats::kNoScale},
     {ng_formats::kInt4, ng_formats::kFp32},
     128},
};

class GemmBlocks : public ::testing::TestWithParam<BlockPair> {};

TEST_P(GemmBlocks, EqualsTheDefinition) {
  const BlockPair& pair = GetParam();
  uint64_t seed = 4000;
  const int shapes[][3] = {{1, 1, 1}, {33, 35, 97}, {5, 64, 64}, {64, 3, 161}, {31, 33, 31}};
  for (const auto& s : shapes) {
    for (const bool wild : {false, true}) {
      const BlockShape shape{s[0], s[1], s[2], pair.a, pair.b, pair.block, wild};
      const Problem p = MakeBlockProblem(shape, kGeometry, ++seed);
      EXPECT_EQ(Result(p), p.expected) << Describe(shape, seed);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Pairs, GemmBlocks, ::testing::ValuesIn(kBlockPairs),
                         [](const auto& info) { return info.param.name; });

// Every output format of FP32 results, MX blocks along N in the layout of an operand A included.
struct Output {
  const char* name;
  int element;
  bool mx;
};

class GemmOutputs : public ::testing::TestWithParam<Output> {};

TEST_P(GemmOutputs, AreTheNearestNumbers) {
  if (GetParam().mx && !gemm_config::kMakesMx) return;  // the host does not ask for them
  uint64_t seed = 5000;
  const int shapes[][3] = {{1, 1, 1}, {33, 35, 40}, {5, 64, 33}, {40, 97, 32}, {31, 129, 5}};
  for (const auto& s : shapes) {
    for (const bool wild : {false, true}) {
      BlockShape shape{s[0], s[1], s[2], {ng_formats::kE4m3, ng_formats::kE8m0}, {}, 32, wild};
      shape.b = shape.a;
      shape.output = GetParam().element;
      shape.mx_output = GetParam().mx;
      const Problem p = MakeBlockProblem(shape, kGeometry, ++seed);
      EXPECT_EQ(Result(p), p.expected) << Describe(shape, seed);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Formats, GemmOutputs,
                         ::testing::Values(Output{"bf16", ng_formats::kBf16, false},
                                           Output{"e4m3", ng_formats::kE4m3, false},
                                           Output{"e5m2", ng_formats::kE5m2, false},
                                           Output{"int8", ng_formats::kInt8, false},
                                           Output{"uint8", ng_formats::kUint8, false},
                                           Output{"mxfp8_e4m3", ng_formats::kE4m3, true},
                                           Output{"mxfp8_e5m2", ng_formats::kE5m2, true},
                                           Output{"mxfp6_e2m3", ng_formats::kE2m3, true},
                                           Output{"mxfp6_e3m2", ng_formats::kE3m2, true},
                                           Output{"mxfp4", ng_formats::kE2m1, true},
                                           Output{"mxint8", ng_formats::kInt8, true}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace narrowgate::testing
