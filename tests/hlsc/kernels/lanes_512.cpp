// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// 64 lanes of one wide beat, each with its own constant, summed by a tree.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void lanes_512(hls::stream<ap_uint<512>>& in, hls::stream<ap_int<32>>& out) {
  ap_int<32> total = 0;
  for (int i = 0; i < 40; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<512> word = in.read();
    ap_int<24> sum = 0;
    for (int l = 0; l < 64; ++l) {
#pragma HLS UNROLL
      const ap_int<8> lane = word.range(8 * l + 7, 8 * l);
      sum += lane * ap_int<8>(l * 37 % 251 - 125);
    }
    total += sum;
    out.write(total);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(lanes_512, in, out) {
  run.Stream("in", 40);
  run.MaxCycles(40 + 40);
}
#endif  // __HLSC__
