// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// An operand's double buffer, alone.
#include "panels.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void replay(hls::stream<Beat>& in, hls::stream<Beat>& out, Word blocks, Word block_beats,
            Word replays) {
#pragma HLS INTERFACE axis port = in
#pragma HLS INTERFACE axis port = out
#pragma HLS INTERFACE s_axilite port = blocks
#pragma HLS INTERFACE s_axilite port = block_beats
#pragma HLS INTERFACE s_axilite port = replays
#pragma HLS INTERFACE s_axilite port = return
  Replay(in, out, blocks, block_beats, replays);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(replay, in, out, blocks, block_beats, replays) {
  const int blocks = run.Pick(1, 5);
  const int block_beats = run.Pick({1, 3, 7, 8, 9, 31, kBufferBeats, kBufferBeats + 1});
  const int replays = block_beats > 100 ? run.Pick(1, 2) : run.Pick(1, 6);
  const bool buffered = IsBuffered(block_beats, replays);
  run.Scalar("blocks", blocks);
  run.Scalar("block_beats", block_beats);
  run.Scalar("replays", replays);
  run.Stream("in", blocks * block_beats * (buffered ? 1 : replays));
  run.MaxCycles(blocks * block_beats * replays + 24);
}
#endif
