// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A nest whose inner loop is unrolled by the PIPELINE of the outer one.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void loop_nested_rolled(hls::stream<ap_uint<64>>& in, hls::stream<ap_int<19>>& out) {
  for (int i = 0; i < 50; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<64> word = in.read();
    ap_int<19> sum = 0;
    for (int l = 0; l < 8; ++l) {
      const ap_int<8> lane = word.range(8 * l + 7, 8 * l);
      sum += lane * ap_int<5>(l - 3);
    }
    out.write(sum);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(loop_nested_rolled, in, out) {
  run.Stream("in", 50);
  run.MaxCycles(50 + 24);
}
#endif  // __HLSC__
