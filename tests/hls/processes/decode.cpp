// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Unpacking and decoding, alone: every element in every class of product.
#include "decode.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void decode(hls::stream<Beat>& beats, hls::stream<Zeros<kRows>>& zeros,
            hls::stream<Lanes<kRows>>& lanes, Word panels, Word k, Word format, Word other,
            Word block, Word blocks) {
#pragma HLS INTERFACE axis port = beats
#pragma HLS INTERFACE axis port = zeros
#pragma HLS INTERFACE axis port = lanes
#pragma HLS INTERFACE s_axilite port = panels
#pragma HLS INTERFACE s_axilite port = k
#pragma HLS INTERFACE s_axilite port = format
#pragma HLS INTERFACE s_axilite port = other
#pragma HLS INTERFACE s_axilite port = block
#pragma HLS INTERFACE s_axilite port = blocks
#pragma HLS INTERFACE s_axilite port = return
  Decode<kRows>(beats, zeros, lanes, panels, Operand(format, k, block, blocks),
                Operand(other, k, block, blocks));
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(decode, beats, zeros, lanes, panels, k, format, other, block, blocks) {
  const int panels = run.Pick(1, 5);
  const int k = run.Pick({1, 2, 3, 4, 5, 31, 64, 67, 97});
  const int element = run.Pick(0, 8), other = run.Pick(0, 8);
  const bool zeros = element == ng_formats::kUint4 && run.Pick(0, 1) == 1;
  const int block = run.Pick(0, 1) ? k : run.Pick({16, 32, 64});
  const int blocks = (k + block - 1) / block;
  const int format = element | (zeros ? ng_formats::kFp32AndZero : ng_formats::kNoScale) << 8;
  // The class must be one that takes zero-points.
  const int partner = zeros ? static_cast<int>(ng_formats::kInt8) : other;
  run.Scalar("panels", panels);
  run.Scalar("k", k);
  run.Scalar("format", format);
  run.Scalar("other", partner);
  run.Scalar("block", block);
  run.Scalar("blocks", blocks);
  // Element beats only: Split has taken the scales out.
  const Operand plain(element, k, block, blocks);
  run.Stream("beats", panels * static_cast<int>(PanelBeats<kRows>(plain).to_uint()));
  run.Stream("zeros", zeros ? panels * blocks : 0);
  run.MaxCycles(panels * k + 40);
}
#endif
