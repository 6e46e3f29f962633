// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Reads of one RAM that look at different bits of its words: in a loop, in two loops, and outside
// of loops.
#include <ap_int.h>
#include <hls_stream.h>

void ram_partial_reads(hls::stream<ap_int<40>>& in, hls::stream<ap_int<40>>& out, ap_uint<5> at) {
  ap_int<40> memory[32];
#pragma HLS BIND_STORAGE variable = memory type = ram_2p
  for (int i = 0; i < 32; ++i) {
#pragma HLS PIPELINE II = 1
    memory[i] = in.read();
  }
  for (int i = 0; i < 32; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<5> low = memory[i].range(4, 0);
    const ap_uint<9> middle = memory[31 - i].range(20, 12);
    out.write(low * middle);
  }
  for (int i = 0; i < 32; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(memory[i] < 0 ? 1 : 0);
  }
  out.write(memory[at][0]);
  out.write(memory[at ^ 7] >> 35);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(ram_partial_reads, in, out, at) {
  run.Stream("in", 32);
  run.RandomScalar("at");
}
#endif  // __HLSC__
