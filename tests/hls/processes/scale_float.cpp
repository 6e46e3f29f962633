// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Scaled FP32, alone: any bits as scales, bias, idle in the other modes.
#include "epilogue.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void scale_float(hls::stream<ScaledWord>& in, hls::stream<Beat>& onward, hls::stream<Beat>& out,
                 Word m_tiles, Word n_tiles, Word mode, Word activation, Word out_format,
                 Word scale, Word lo, Word hi) {
#pragma HLS INTERFACE axis port = in
#pragma HLS INTERFACE axis port = onward
#pragma HLS INTERFACE axis port = out
#pragma HLS INTERFACE s_axilite port = m_tiles
#pragma HLS INTERFACE s_axilite port = n_tiles
#pragma HLS INTERFACE s_axilite port = mode
#pragma HLS INTERFACE s_axilite port = activation
#pragma HLS INTERFACE s_axilite port = out_format
#pragma HLS INTERFACE s_axilite port = scale
#pragma HLS INTERFACE s_axilite port = lo
#pragma HLS INTERFACE s_axilite port = hi
#pragma HLS INTERFACE s_axilite port = return
  ScaleFloat(in, onward, out, ResultWords(m_tiles, n_tiles, false), mode, activation, out_format,
             scale, lo, hi);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(scale_float, in, onward, out, m_tiles, n_tiles, mode, activation, out_format, scale,
             lo, hi) {
  const int n_tiles = run.Pick(1, 3);
  const int mode = run.Pick({kFloat32, kScaledSums, kRawInt32});
  const int words = mode == kRawInt32 ? 0 : n_tiles * kCols * kWordsPerColumn;
  run.Scalar("m_tiles", 1);
  run.Scalar("n_tiles", n_tiles);
  run.Scalar("mode", mode);
  run.Scalar("activation", run.Pick(0, 1));
  run.Scalar("out_format", run.Pick({static_cast<int>(ng_formats::kFp32Output),
                                     static_cast<int>(ng_formats::kFp32Output),
                                     static_cast<int>(ng_formats::kBf16)}));
  run.RandomScalar("scale");
  run.RandomScalar("lo");
  run.RandomScalar("hi");
  run.Stream("in", words);
  run.MaxCycles(words + 80);
}
#endif
