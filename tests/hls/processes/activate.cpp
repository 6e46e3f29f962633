// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Activations and the clamp, alone: any numbers, idle in the other modes.
#include "activation.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void activate(hls::stream<Beat>& in, hls::stream<Beat>& out, Word m_tiles, Word n_tiles, Word mode,
              Word activation, Word out_format, Word lo, Word hi) {
#pragma HLS INTERFACE axis port = in
#pragma HLS INTERFACE axis port = out
#pragma HLS INTERFACE s_axilite port = m_tiles
#pragma HLS INTERFACE s_axilite port = n_tiles
#pragma HLS INTERFACE s_axilite port = mode
#pragma HLS INTERFACE s_axilite port = activation
#pragma HLS INTERFACE s_axilite port = out_format
#pragma HLS INTERFACE s_axilite port = lo
#pragma HLS INTERFACE s_axilite port = hi
#pragma HLS INTERFACE s_axilite port = return
  Activate(in, out, ResultWords(m_tiles, n_tiles, false), mode, activation, out_format, lo, hi);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(activate, in, out, m_tiles, n_tiles, mode, activation, out_format, lo, hi) {
  const int n_tiles = run.Pick(1, 3);
  const int mode = run.Pick({kFloat32, kScaledSums, kScaledSums, kRawInt32});
  const int activation = run.Pick({kNoActivation, kGelu, kSilu});
  const int out_format =
      run.Pick({static_cast<int>(ng_formats::kBf16), static_cast<int>(ng_formats::kFp32Output)});
  const int words =
      !IsEncoded(mode, activation, out_format) ? 0 : n_tiles * kCols * kWordsPerColumn;
  run.Scalar("m_tiles", 1);
  run.Scalar("n_tiles", n_tiles);
  run.Scalar("mode", mode);
  run.Scalar("activation", activation);
  run.Scalar("out_format", out_format);
  run.RandomScalar("lo");
  run.RandomScalar("hi");
  run.Stream("in", words);
  run.MaxCycles(words + 80);
}
#endif
