// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Decoding of scales, alone: every code of every kind comes up.
#include "blocks.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void scales(hls::stream<StoredScales<kRows>>& in, hls::stream<DecodedScales<kRows>>& out,
            Word panels, Word format, Word blocks) {
#pragma HLS INTERFACE axis port = in
#pragma HLS INTERFACE axis port = out
#pragma HLS INTERFACE s_axilite port = panels
#pragma HLS INTERFACE s_axilite port = format
#pragma HLS INTERFACE s_axilite port = blocks
#pragma HLS INTERFACE s_axilite port = return
  DecodeScales<kRows>(in, out, panels, Operand(format, 0, 0, blocks));
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(scales, in, out, panels, format, blocks) {
  const int panels = run.Pick(1, 4), blocks = run.Pick(1, 9), scale = run.Pick(0, 4);
  run.Scalar("panels", panels);
  run.Scalar("format", scale << 8);
  run.Scalar("blocks", blocks);
  run.Stream("in", scale == ng_formats::kNoScale ? 0 : panels * blocks);
  run.MaxCycles(panels * blocks + 24);
}
#endif
