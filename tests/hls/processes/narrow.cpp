// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Collecting and packing the results, alone, in every mode.
#include "epilogue.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void narrow(hls::stream<ScaledWord>& raw, hls::stream<Beat>& integer, hls::stream<Beat>& onnx,
            hls::stream<Beat>& floating, hls::stream<Beat>& out, Word m_tiles, Word n_tiles,
            Word mode, Word out_bytes) {
#pragma HLS INTERFACE axis port = raw
#pragma HLS INTERFACE axis port = integer
#pragma HLS INTERFACE axis port = onnx
#pragma HLS INTERFACE axis port = floating
#pragma HLS INTERFACE axis port = out
#pragma HLS INTERFACE s_axilite port = m_tiles
#pragma HLS INTERFACE s_axilite port = n_tiles
#pragma HLS INTERFACE s_axilite port = mode
#pragma HLS INTERFACE s_axilite port = out_bytes
#pragma HLS INTERFACE s_axilite port = return
  Narrow(raw, integer, onnx, floating, out, m_tiles, n_tiles, mode, out_bytes);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(narrow, raw, integer, onnx, floating, out, m_tiles, n_tiles, mode, out_bytes) {
  const int n_tiles = run.Pick(1, 4);
  const int mode = run.Pick(0, 4);
  const int words = n_tiles * kCols * kWordsPerColumn;
  run.Scalar("m_tiles", 1);
  run.Scalar("n_tiles", n_tiles);
  run.Scalar("mode", mode);
  run.Scalar("out_bytes", run.Pick({1, 4}));
  run.Stream("raw", mode == kRawInt32 ? words : 0);
  run.Stream("onnx", mode == kOnnx ? words : 0);
  run.Stream("integer", mode == kGemmlowp || mode == kTflite ? words : 0);
  run.Stream("floating", mode == kFloat32 ? words : 0);
  run.MaxCycles(words + 24);
}
#endif
