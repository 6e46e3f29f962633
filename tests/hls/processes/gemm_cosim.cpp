// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The whole kernel: queues of calls with random codes, terms, scales and scalars in random shapes
// and pairs of formats.
#include "gemm.hpp"

#ifndef __HLSC__
#include <vector>

#include "call.hpp"
#include "kernel.hpp"
#include "result.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

namespace {

// Where the next call's data begin, in beats.
struct Places {
  int a = 0, b = 0, v = 0, c = 0;
};

std::vector<uint32_t> RandomCall(cosim::Run& run, Places& places) {
  using namespace ng_descriptor;  // NOLINT(google-build-using-namespace)
  std::vector<uint32_t> call(kNumWords);
  const auto set = [&call](ng_descriptor::Word word, int value) {
    call[word] = static_cast<uint32_t>(value);
  };
  const int m_tiles = run.Pick(1, 3), n_tiles = run.Pick(1, 3);
  const int k = run.Pick({1, 2, 3, 17, 33, 64, 130});
  const bool integers = run.Pick(0, 1) == 1;
  // Integers without scales, or any elements with the scales that go together.
  int a_format = integers ? run.Pick(0, 3) : run.Pick(0, 8);
  int b_format = integers ? run.Pick(0, 3) : run.Pick(0, 8);
  const bool is_float = a_format >= ng_formats::kE3m2 || b_format >= ng_formats::kE3m2;
  const int kind = integers ? 0 : is_float ? run.Pick(0, 1) : run.Pick(1, 3);
  const bool zeros = kind == 3 && b_format == ng_formats::kUint4;
  a_format |= (kind == 1 || kind == 2 ? kind : 0) << 8;
  b_format |= (zeros ? static_cast<int>(ng_formats::kFp32AndZero) : kind) << 8;
  const int block = kind == 0 ? k : kind == 2 ? 16 : 32;
  const int blocks = (k + block - 1) / block;
  const int mode = integers ? run.Pick(0, 4) : 5;
  const int n = (n_tiles - 1) * kCols + run.Pick(1, kCols);
  // Plain and MX outputs of FP32 results, 8 or 32 bits of the others.
  const int mx = ng_formats::kE8m0 << 8;
  const int out_format =
      mode >= kFloat32
          ? run.Pick({static_cast<int>(ng_formats::kFp32Output),
                      static_cast<int>(ng_formats::kBf16), static_cast<int>(ng_formats::kE5m2),
                      static_cast<int>(ng_formats::kUint8), ng_formats::kInt8 | mx,
                      ng_formats::kE4m3 | mx, ng_formats::kE3m2 | mx, ng_formats::kE2m1 | mx})
          : run.Pick(
                {static_cast<int>(ng_formats::kInt8), static_cast<int>(ng_formats::kInt32Output)});
  set(kA, places.a);
  set(kB, places.b);
  set(kV, places.v);
  set(kC, places.c);
  set(kRecords, places.v + m_tiles * kWordsPerColumn);
  set(kOrder, (out_format & mx) != 0 ? kByRows : run.Pick({kByRows, kByColumns}));
  set(kMTiles, m_tiles);
  set(kNTiles, n_tiles);
  set(kK, k);
  set(kAFormat, a_format);
  set(kBFormat, b_format);
  set(kMode, mode);
  set(kOutFormat, out_format);
  set(kActivation, run.Pick({kNoActivation, kNoActivation, kGelu, kSilu}));
  set(kN, n);
  set(kBlock, block);
  set(kBlocks, blocks);
  set(kSumExponent, -run.Pick(0, 38));
  for (const auto word : {kScale, kOutZero, kClampLo, kClampHi}) {
    call[word] = run.random().Value(32).Word(0);
  }
  const Operand a(a_format, k, block, blocks), b(b_format, k, block, blocks);
  const ResultRow row(n_tiles, false, out_format, n);
  places.a += m_tiles * static_cast<int>(PanelBeats<kRows>(a).to_uint());
  places.b += n_tiles * static_cast<int>(PanelBeats<kCols>(b).to_uint());
  places.v += m_tiles * kWordsPerColumn + n_tiles * kRecordBeats;
  places.c += m_tiles * static_cast<int>(row.beats.to_uint());
  return call;
}

}  // namespace

COSIM_KERNEL(gemm, a, b, v, c, q, first, calls) {
  const int first = run.Pick(0, 2), calls = run.Pick(1, 4);
  std::vector<uint32_t> queue(first * ng_descriptor::kNumWords);
  Places places;
  for (int i = 0; i < calls; ++i) {
    const std::vector<uint32_t> call = RandomCall(run, places);
    queue.insert(queue.end(), call.begin(), call.end());
  }
  run.Scalar("first", first);
  run.Scalar("calls", calls);
  run.Memory("q", queue);
  run.Memory("a", places.a);
  run.Memory("b", places.b);
  run.Memory("v", places.v);
  run.Memory("c", places.c);
}
#endif
