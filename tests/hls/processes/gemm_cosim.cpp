// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The whole kernel: random codes, terms, scales and scalars in random shapes and pairs of formats.
#include "gemm.hpp"

#ifndef __HLSC__
#include "kernel.hpp"
#include "result.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

COSIM_KERNEL(gemm, a, b, v, c, m_tiles, n_tiles, k, a_format, b_format, mode, scale, out_zero,
             clamp_lo, clamp_hi, out_format, block, blocks, sum_exponent, activation, n) {
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
  run.Scalar("m_tiles", m_tiles);
  run.Scalar("n_tiles", n_tiles);
  run.Scalar("k", k);
  run.Scalar("a_format", a_format);
  run.Scalar("b_format", b_format);
  run.Scalar("mode", mode);
  run.Scalar("out_format", out_format);
  run.Scalar("activation", run.Pick({kNoActivation, kNoActivation, kGelu, kSilu}));
  run.Scalar("n", n);
  run.Scalar("block", block);
  run.Scalar("blocks", blocks);
  run.Scalar("sum_exponent", -run.Pick(0, 38));
  for (const char* name : {"scale", "out_zero", "clamp_lo", "clamp_hi"}) run.RandomScalar(name);
  const Operand a(a_format, k, block, blocks), b(b_format, k, block, blocks);
  run.Memory("a", m_tiles * static_cast<int>(PanelBeats<kRows>(a).to_uint()));
  run.Memory("b", n_tiles * static_cast<int>(PanelBeats<kCols>(b).to_uint()));
  run.Memory("v", m_tiles * kRowTermBeats + n_tiles * kRecordBeats);
  const ResultRow row(n_tiles, out_format, n);
  run.Memory("c", m_tiles * static_cast<int>(row.beats.to_uint()));
}
#endif
