// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The burst writer, alone.
#include "epilogue.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void write_result(hls::stream<Beat>& beats, Memory& memory, Word m_tiles, Word n_tiles,
                  Word out_bytes) {
#pragma HLS INTERFACE axis port = beats
#pragma HLS INTERFACE m_axi port = memory bundle = gmem offset = slave
#pragma HLS INTERFACE s_axilite port = m_tiles
#pragma HLS INTERFACE s_axilite port = n_tiles
#pragma HLS INTERFACE s_axilite port = out_bytes
#pragma HLS INTERFACE s_axilite port = return
  WriteResult(beats, memory, m_tiles, n_tiles, out_bytes);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(write_result, beats, memory, m_tiles, n_tiles, out_bytes) {
  const int tiles = run.Pick(1, 5);
  const int out_bytes = run.Pick({1, 4});
  const int beats = tiles * kCols * kWordsPerColumn * out_bytes / 4;
  run.Scalar("m_tiles", 1);
  run.Scalar("n_tiles", tiles);
  run.Scalar("out_bytes", out_bytes);
  run.Stream("beats", beats);
  run.Memory("memory", beats);
}
#endif
