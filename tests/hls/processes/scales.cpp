// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Scales and zero-points on their way to the array, alone: every code of every kind comes up.
#include "blocks.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void scales(hls::stream<PanelBeat<kRows>>& in, hls::stream<DecodedScales<kRows>>& out,
            hls::stream<Zeros<kRows>>& zeros, Word panels, Word format, Word blocks) {
#pragma HLS INTERFACE axis port = in
#pragma HLS INTERFACE axis port = out
#pragma HLS INTERFACE axis port = zeros
#pragma HLS INTERFACE s_axilite port = panels
#pragma HLS INTERFACE s_axilite port = format
#pragma HLS INTERFACE s_axilite port = blocks
#pragma HLS INTERFACE s_axilite port = return
  DecodeScales<kRows>(in, out, zeros, panels, Operand(format, 0, 0, blocks));
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(scales, in, out, zeros, panels, format, blocks) {
  const int panels = run.Pick(1, 4), blocks = run.Pick(1, 9), scale = run.Pick(0, 4);
  const Operand operand(scale << 8, 0, 0, blocks);
  const int beats = panels * static_cast<int>(PanelScaleBeats<kRows>(operand).to_uint());
  run.Scalar("panels", panels);
  run.Scalar("format", scale << 8);
  run.Scalar("blocks", blocks);
  run.Stream("in", beats);
  const int words = panels * blocks;
  run.MaxCycles((beats > words ? beats : words) + 30);
}
#endif
