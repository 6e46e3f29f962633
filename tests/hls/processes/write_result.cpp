// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The burst writer, alone: tiles, and panels with beats of scales.
#include "result.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void write_result(hls::stream<Beat>& beats, hls::stream<Beat>& scale_beats, Memory& memory,
                  Word first, Word m_tiles, Word n_tiles, Word out_format, Word n) {
#pragma HLS INTERFACE axis port = beats
#pragma HLS INTERFACE axis port = scale_beats
#pragma HLS INTERFACE m_axi port = memory bundle = gmem offset = slave
#pragma HLS INTERFACE s_axilite port = first
#pragma HLS INTERFACE s_axilite port = m_tiles
#pragma HLS INTERFACE s_axilite port = n_tiles
#pragma HLS INTERFACE s_axilite port = out_format
#pragma HLS INTERFACE s_axilite port = n
#pragma HLS INTERFACE s_axilite port = return
  WriteResult(beats, scale_beats, memory, first, m_tiles, n_tiles, false, out_format, n);
  memory.write_response();
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(write_result, beats, scale_beats, memory, first, m_tiles, n_tiles, out_format, n) {
  const int m_tiles = run.Pick(1, 3), n_tiles = run.Pick(1, 7);
  const int n = (n_tiles - 1) * kCols + run.Pick(1, kCols);
  const int e8m0 = ng_formats::kE8m0 << 8;
  const int out_format =
      run.Pick({static_cast<int>(ng_formats::kInt8), static_cast<int>(ng_formats::kBf16),
                static_cast<int>(ng_formats::kInt32Output), ng_formats::kE4m3 | e8m0,
                ng_formats::kE3m2 | e8m0, ng_formats::kE2m1 | e8m0});
  const ResultRow row(n_tiles, false, out_format, n);
  const int beats = m_tiles * static_cast<int>(row.beats.to_uint());
  const int scales = IsMx(out_format) ? m_tiles * static_cast<int>(row.groups.to_uint()) : 0;
  const int first = run.Pick({0, 3, 64});
  run.Scalar("first", first);
  run.Scalar("m_tiles", m_tiles);
  run.Scalar("n_tiles", n_tiles);
  run.Scalar("out_format", out_format);
  run.Scalar("n", n);
  run.Stream("beats", beats - scales);
  run.Stream("scale_beats", scales);
  run.Memory("memory", first + beats);
}
#endif
