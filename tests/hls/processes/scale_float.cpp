// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Scaled FP32, alone: any bits as scales, bias, idle in the other modes.
#include "epilogue.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void scale_float(hls::stream<ScaledWord>& in, hls::stream<Beat>& out, Word m_tiles, Word n_tiles,
                 Word mode, Word scale) {
#pragma HLS INTERFACE axis port = in
#pragma HLS INTERFACE axis port = out
#pragma HLS INTERFACE s_axilite port = m_tiles
#pragma HLS INTERFACE s_axilite port = n_tiles
#pragma HLS INTERFACE s_axilite port = mode
#pragma HLS INTERFACE s_axilite port = scale
#pragma HLS INTERFACE s_axilite port = return
  ScaleFloat(in, out, m_tiles, n_tiles, mode, scale);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(scale_float, in, out, m_tiles, n_tiles, mode, scale) {
  const int n_tiles = run.Pick(1, 3);
  const int mode = run.Pick({kFloat32, kFloat32, kRawInt32});
  const bool mine = mode == kFloat32;
  const int words = mine ? n_tiles * kCols * kWordsPerColumn : 0;
  run.Scalar("m_tiles", 1);
  run.Scalar("n_tiles", n_tiles);
  run.Scalar("mode", mode);
  run.RandomScalar("scale");
  run.Stream("in", words);
  run.MaxCycles(words + 80);
}
#endif
