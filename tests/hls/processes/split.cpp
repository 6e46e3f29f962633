// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Taking panels apart, alone, with every kind of scale.
#include "blocks.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void split(hls::stream<PanelBeat<kRows>>& in, hls::stream<PanelBeat<kRows>>& elements,
           hls::stream<PanelBeat<kRows>>& scales, Word panels, Word k, Word format, Word block,
           Word blocks) {
#pragma HLS INTERFACE axis port = in
#pragma HLS INTERFACE axis port = elements
#pragma HLS INTERFACE axis port = scales
#pragma HLS INTERFACE s_axilite port = panels
#pragma HLS INTERFACE s_axilite port = k
#pragma HLS INTERFACE s_axilite port = format
#pragma HLS INTERFACE s_axilite port = block
#pragma HLS INTERFACE s_axilite port = blocks
#pragma HLS INTERFACE s_axilite port = return
  Split<kRows>(in, elements, scales, panels, Operand(format, k, block, blocks));
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(split, in, elements, scales, panels, k, format, block, blocks) {
  const int panels = run.Pick(1, 4);
  const int k = run.Pick({1, 2, 31, 32, 33, 64, 97, 130});
  const int scale = run.Pick(0, 4);
  const int block = scale == ng_formats::kNoScale ? k : run.Pick({16, 32, 64});
  const int blocks = (k + block - 1) / block;
  const int format = run.Pick(0, 8) | scale << 8;
  run.Scalar("panels", panels);
  run.Scalar("k", k);
  run.Scalar("format", format);
  run.Scalar("block", block);
  run.Scalar("blocks", blocks);
  const Operand operand(format, k, block, blocks);
  const int beats = panels * static_cast<int>(PanelBeats<kRows>(operand).to_uint());
  run.Stream("in", beats);
  run.MaxCycles(beats + 40);
}
#endif
