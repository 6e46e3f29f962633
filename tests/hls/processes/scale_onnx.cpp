// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ONNX requantisation, alone: any scale, NaN and infinity included, idle in the other modes.
#include "epilogue.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void scale_onnx(hls::stream<ScaledWord>& in, hls::stream<Beat>& out, Word m_tiles, Word n_tiles,
                Word mode, Word out_zero, Word lo, Word hi) {
#pragma HLS INTERFACE axis port = in
#pragma HLS INTERFACE axis port = out
#pragma HLS INTERFACE s_axilite port = m_tiles
#pragma HLS INTERFACE s_axilite port = n_tiles
#pragma HLS INTERFACE s_axilite port = mode
#pragma HLS INTERFACE s_axilite port = out_zero
#pragma HLS INTERFACE s_axilite port = lo
#pragma HLS INTERFACE s_axilite port = hi
#pragma HLS INTERFACE s_axilite port = return
  ScaleOnnx(in, out, ResultWords(m_tiles, n_tiles, false), mode, ap_int<32>(out_zero),
            ap_int<32>(lo), ap_int<32>(hi));
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(scale_onnx, in, out, m_tiles, n_tiles, mode, out_zero, lo, hi) {
  const int n_tiles = run.Pick(1, 3);
  const int mode = run.Pick({kOnnx, kOnnx, kTflite});
  const bool mine = mode == kOnnx;
  const int words = mine ? n_tiles * kCols * kWordsPerColumn : 0;
  run.Scalar("m_tiles", 1);
  run.Scalar("n_tiles", n_tiles);
  run.Scalar("mode", mode);
  run.RandomScalar("out_zero");
  run.RandomScalar("lo");
  run.RandomScalar("hi");
  run.Stream("in", words);
  run.MaxCycles(words + 80);
}
#endif
