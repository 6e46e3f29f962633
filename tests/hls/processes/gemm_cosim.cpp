// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The whole kernel: random codes, terms, scales and scalars in random shapes.
#include "gemm.hpp"

#ifndef __HLSC__
#include "kernel.hpp"
#include "panels.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

COSIM_KERNEL(gemm, a, b, v, c, m_tiles, n_tiles, k, a_format, b_format, mode, scale, out_zero,
             clamp_lo, clamp_hi, out_bytes) {
  const int m_tiles = run.Pick(1, 3), n_tiles = run.Pick(1, 3);
  const int k = run.Pick({1, 2, 3, 17, 33, 64, 130});
  const int a_format = run.Pick(0, 3), b_format = run.Pick(0, 3);
  const int out_bytes = run.Pick({1, 4});
  const int words = m_tiles * n_tiles * kCols * kWordsPerColumn;
  run.Scalar("m_tiles", m_tiles);
  run.Scalar("n_tiles", n_tiles);
  run.Scalar("k", k);
  run.Scalar("a_format", a_format);
  run.Scalar("b_format", b_format);
  run.Scalar("mode", run.Pick(0, 4));
  run.Scalar("out_bytes", out_bytes);
  for (const char* name : {"scale", "out_zero", "clamp_lo", "clamp_hi"}) run.RandomScalar(name);
  run.Memory("a", m_tiles * static_cast<int>(PanelBeats<kRows>(k, a_format).to_uint()));
  run.Memory("b", n_tiles * static_cast<int>(PanelBeats<kCols>(k, b_format).to_uint()));
  run.Memory("v", m_tiles * kRowTermBeats + n_tiles * kRecordBeats);
  run.Memory("c", words * out_bytes / 4);
}
#endif
