// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The burst reader of an operand, alone: buffered operands are read once, others once per replay.
#include "panels.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void read_operand(Memory& memory, hls::stream<Beat>& beats, Word first, Word blocks,
                  Word block_beats, Word replays) {
#pragma HLS INTERFACE m_axi port = memory bundle = gmem offset = slave
#pragma HLS INTERFACE axis port = beats
#pragma HLS INTERFACE s_axilite port = first
#pragma HLS INTERFACE s_axilite port = blocks
#pragma HLS INTERFACE s_axilite port = block_beats
#pragma HLS INTERFACE s_axilite port = replays
#pragma HLS INTERFACE s_axilite port = return
  ReadOperand(memory, beats, first, blocks, block_beats, replays);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(read_operand, memory, beats, first, blocks, block_beats, replays) {
  const int blocks = run.Pick(1, 7);
  const int block_beats = run.Pick({1, 2, 7, 8, 9, 63, 64, 65});
  const int first = run.Pick({0, 1, 77});
  run.Scalar("first", first);
  run.Scalar("blocks", blocks);
  run.Scalar("block_beats", block_beats);
  run.Scalar("replays", run.Pick(1, 4));
  run.Memory("memory", first + blocks * block_beats);
}
#endif
