// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Collecting and packing the results, alone, in every mode and width.
#include "result.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void narrow(hls::stream<ScaledWord>& raw, hls::stream<Beat>& integer, hls::stream<Beat>& onnx,
            hls::stream<Beat>& floating, hls::stream<Beat>& encoded, hls::stream<Beat>& out,
            Word m_tiles, Word n_tiles, Word mode, Word activation, Word out_format, Word n) {
#pragma HLS INTERFACE axis port = raw
#pragma HLS INTERFACE axis port = integer
#pragma HLS INTERFACE axis port = onnx
#pragma HLS INTERFACE axis port = floating
#pragma HLS INTERFACE axis port = encoded
#pragma HLS INTERFACE axis port = out
#pragma HLS INTERFACE s_axilite port = m_tiles
#pragma HLS INTERFACE s_axilite port = n_tiles
#pragma HLS INTERFACE s_axilite port = mode
#pragma HLS INTERFACE s_axilite port = activation
#pragma HLS INTERFACE s_axilite port = out_format
#pragma HLS INTERFACE s_axilite port = n
#pragma HLS INTERFACE s_axilite port = return
  Narrow(raw, integer, onnx, floating, encoded, out, ResultWords(m_tiles, n_tiles, false), n_tiles,
         mode, activation, out_format, n);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(narrow, raw, integer, onnx, floating, encoded, out, m_tiles, n_tiles, mode, activation,
             out_format, n) {
  const int m_tiles = run.Pick(1, 2), n_tiles = run.Pick(1, 5);
  const int mode = run.Pick(0, 5);
  const int words = m_tiles * n_tiles * kCols * kWordsPerColumn;
  const int e8m0 = ng_formats::kE8m0 << 8;
  run.Scalar("m_tiles", m_tiles);
  run.Scalar("n_tiles", n_tiles);
  run.Scalar("mode", mode);
  const int activation = run.Pick(0, 1);
  const int out_format =
      run.Pick({static_cast<int>(ng_formats::kInt8), static_cast<int>(ng_formats::kBf16),
                static_cast<int>(ng_formats::kFp32Output), ng_formats::kInt8 | e8m0,
                ng_formats::kE2m3 | e8m0, ng_formats::kE2m1 | e8m0});
  const bool is_encoded = IsEncoded(mode, activation, out_format);
  run.Scalar("activation", activation);
  run.Scalar("out_format", out_format);
  run.Scalar("n", (n_tiles - 1) * kCols + run.Pick(1, kCols));
  run.Stream("raw", mode == kRawInt32 ? words : 0);
  run.Stream("onnx", mode == kOnnx ? words : 0);
  run.Stream("integer", mode == kGemmlowp || mode == kTflite ? words : 0);
  run.Stream("floating", MakesFloats(mode) && !is_encoded ? words : 0);
  run.Stream("encoded", is_encoded ? words : 0);
  run.MaxCycles(words + 24);
}
#endif
