// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The scales of MX outputs, alone: any numbers, plain outputs too.
#include "encode.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void find_scales(hls::stream<Beat>& in, hls::stream<Beat>& out, hls::stream<GroupScales>& scales,
                 Word m_tiles, Word n_tiles, Word mode, Word activation, Word out_format, Word n) {
#pragma HLS INTERFACE axis port = in
#pragma HLS INTERFACE axis port = out
#pragma HLS INTERFACE axis port = scales
#pragma HLS INTERFACE s_axilite port = m_tiles
#pragma HLS INTERFACE s_axilite port = n_tiles
#pragma HLS INTERFACE s_axilite port = mode
#pragma HLS INTERFACE s_axilite port = activation
#pragma HLS INTERFACE s_axilite port = out_format
#pragma HLS INTERFACE s_axilite port = n
#pragma HLS INTERFACE s_axilite port = return
  FindScales(in, out, scales, ResultWords(m_tiles, n_tiles, false), n_tiles, mode, activation,
             out_format, n);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(find_scales, in, out, scales, m_tiles, n_tiles, mode, activation, out_format, n) {
  const int m_tiles = run.Pick(1, 2), n_tiles = run.Pick(1, 5);
  const int mode = run.Pick({kFloat32, kScaledSums, kRawInt32});
  const int words = mode == kRawInt32 ? 0 : m_tiles * n_tiles * kCols * kWordsPerColumn;
  run.Scalar("m_tiles", m_tiles);
  run.Scalar("n_tiles", n_tiles);
  run.Scalar("mode", mode);
  run.Scalar("activation", run.Pick(0, 2));
  run.Scalar("out_format", run.Pick({ng_formats::kInt8 | ng_formats::kE8m0 << 8,
                                     ng_formats::kE2m1 | ng_formats::kE8m0 << 8,
                                     ng_formats::kE5m2 | ng_formats::kE8m0 << 8,
                                     static_cast<int>(ng_formats::kBf16)}));
  run.Scalar("n", (n_tiles - 1) * kCols + run.Pick(1, kCols));
  run.Stream("in", words);
  run.MaxCycles(words + 24);
}
#endif
