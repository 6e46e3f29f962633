// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// UNROLL of loops over lanes, nested, inside a pipelined loop.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void unroll_full(hls::stream<ap_uint<96>>& in, hls::stream<ap_uint<96>>& out) {
  ap_uint<6> history[16];
#pragma HLS ARRAY_PARTITION variable = history complete
  for (int l = 0; l < 16; ++l) {
#pragma HLS UNROLL
    history[l] = l;
  }
  for (int i = 0; i < 40; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<96> word = in.read();
    ap_uint<96> result = 0;
    for (int l = 0; l < 16; ++l) {
#pragma HLS UNROLL
      ap_uint<6> lane = word.range(6 * l + 5, 6 * l);
      for (int b = 0; b < 3; ++b) {
#pragma HLS UNROLL
        lane = ap_uint<6>(lane + history[(l + b) & 15]);
      }
      result.range(6 * l + 5, 6 * l) = lane;
    }
    for (int l = 0; l < 16; ++l) {
#pragma HLS UNROLL
      history[l] = result.range(6 * l + 5, 6 * l);
    }
    out.write(result);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(unroll_full, in, out) {
  run.Stream("in", 40);
  run.MaxCycles(40 + 30);
}
#endif  // __HLSC__
