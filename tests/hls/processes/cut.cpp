// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Cutting beats into the array's words, alone: every element in every class of product.
#include "cut.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void cut(hls::stream<Beat>& beats, hls::stream<Codes<kRows>>& words, Word panels, Word k,
         Word format, Word other, Word block, Word blocks) {
#pragma HLS INTERFACE axis port = beats
#pragma HLS INTERFACE axis port = words
#pragma HLS INTERFACE s_axilite port = panels
#pragma HLS INTERFACE s_axilite port = k
#pragma HLS INTERFACE s_axilite port = format
#pragma HLS INTERFACE s_axilite port = other
#pragma HLS INTERFACE s_axilite port = block
#pragma HLS INTERFACE s_axilite port = blocks
#pragma HLS INTERFACE s_axilite port = return
  Cut<kRows>(beats, words, panels, Operand(format, k, block, blocks),
             Operand(other, k, block, blocks));
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(cut, beats, words, panels, k, format, other, block, blocks) {
  const int panels = run.Pick(1, 5);
  const int k = run.Pick({1, 2, 3, 4, 5, 31, 64, 67, 97});
  const int element = run.Pick(0, 8), other = run.Pick(0, 8);
  const bool zeros = element == ng_formats::kUint4 && run.Pick(0, 1) == 1;
  const int block = run.Pick(0, 1) ? k : run.Pick({16, 32, 64});
  const int blocks = (k + block - 1) / block;
  const int format = element | (zeros ? ng_formats::kFp32AndZero : ng_formats::kNoScale) << 8;
  run.Scalar("panels", panels);
  run.Scalar("k", k);
  run.Scalar("format", format);
  run.Scalar("other", other);
  run.Scalar("block", block);
  run.Scalar("blocks", blocks);
  // Element beats only: Split has taken the scales out.
  const Operand plain(element, k, block, blocks);
  run.Stream("beats", panels * static_cast<int>(PanelBeats<kRows>(plain).to_uint()));
  run.MaxCycles(panels * k + 40);
}
#endif
