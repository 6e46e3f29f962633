// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Encoding alone: any numbers and scales, every output format.
#include "encode.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void encode(hls::stream<Beat>& in, hls::stream<GroupScales>& scales, hls::stream<Beat>& out,
            hls::stream<Beat>& scale_beats, Word m_tiles, Word n_tiles, Word mode, Word activation,
            Word out_format, Word out_zero, Word n) {
#pragma HLS INTERFACE axis port = in
#pragma HLS INTERFACE axis port = scales
#pragma HLS INTERFACE axis port = out
#pragma HLS INTERFACE axis port = scale_beats
#pragma HLS INTERFACE s_axilite port = m_tiles
#pragma HLS INTERFACE s_axilite port = n_tiles
#pragma HLS INTERFACE s_axilite port = mode
#pragma HLS INTERFACE s_axilite port = activation
#pragma HLS INTERFACE s_axilite port = out_format
#pragma HLS INTERFACE s_axilite port = out_zero
#pragma HLS INTERFACE s_axilite port = n
#pragma HLS INTERFACE s_axilite port = return
  Encode(in, scales, out, scale_beats, ResultWords(m_tiles, n_tiles, false), n_tiles, mode,
         activation, out_format, out_zero, n);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(encode, in, scales, out, scale_beats, m_tiles, n_tiles, mode, activation, out_format,
             out_zero, n) {
  const int m_tiles = run.Pick(1, 2), n_tiles = run.Pick(1, 5);
  const int mode = run.Pick({kFloat32, kScaledSums, kScaledSums, kRawInt32});
  const bool is_mx = run.Pick(0, 1) == 1;
  const int mx_elements[] = {ng_formats::kInt8, ng_formats::kE2m1, ng_formats::kE2m3,
                             ng_formats::kE3m2, ng_formats::kE4m3, ng_formats::kE5m2};
  const int elements[] = {ng_formats::kInt8, ng_formats::kUint8, ng_formats::kE4m3,
                          ng_formats::kE5m2, ng_formats::kBf16,  ng_formats::kFp32Output};
  const int element = is_mx ? mx_elements[run.Pick(0, 5)] : elements[run.Pick(0, 5)];
  const int out_format = element | (is_mx ? ng_formats::kE8m0 << 8 : 0);
  const int activation = run.Pick(0, 1);
  const bool mine = IsEncoded(mode, activation, out_format);
  const int words = mine ? m_tiles * n_tiles * kCols * kWordsPerColumn : 0;
  const int n = (n_tiles - 1) * kCols + run.Pick(1, kCols);
  const int groups = m_tiles * ((n + kGroupColumns - 1) / kGroupColumns);
  run.Scalar("m_tiles", m_tiles);
  run.Scalar("n_tiles", n_tiles);
  run.Scalar("mode", mode);
  run.Scalar("activation", activation);
  run.Scalar("out_format", out_format);
  run.Scalar("n", n);
  run.Scalar("out_zero", run.Pick(-128, 127));
  run.Stream("in", words);
  run.Stream("scales", mine && is_mx ? groups : 0);
  run.MaxCycles(words + 80);
}
#endif
