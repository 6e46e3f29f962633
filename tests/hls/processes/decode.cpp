// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Unpacking and decoding, alone, in every format.
#include "panels.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void decode(hls::stream<Beat>& beats, hls::stream<ap_uint<8 * kRows>>& steps, Word panels, Word k,
            Word format) {
#pragma HLS INTERFACE axis port = beats
#pragma HLS INTERFACE axis port = steps
#pragma HLS INTERFACE s_axilite port = panels
#pragma HLS INTERFACE s_axilite port = k
#pragma HLS INTERFACE s_axilite port = format
#pragma HLS INTERFACE s_axilite port = return
  Decode<kRows>(beats, steps, panels, k, format);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(decode, beats, steps, panels, k, format) {
  const int panels = run.Pick(1, 9);
  const int k = run.Pick({1, 2, 3, 4, 5, 31, 64, 67});
  const int format = run.Pick(0, 3);
  run.Scalar("panels", panels);
  run.Scalar("k", k);
  run.Scalar("format", format);
  run.Stream("beats", panels * static_cast<int>(PanelBeats<kRows>(k, format).to_uint()));
  run.MaxCycles(panels * k + 24);
}
#endif
