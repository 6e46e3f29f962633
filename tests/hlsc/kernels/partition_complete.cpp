// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A completely partitioned array is registers: all of it is read and written in each iteration.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void partition_complete(hls::stream<ap_int<9>>& in, hls::stream<ap_int<14>>& out) {
  ap_int<9> taps[12];
#pragma HLS ARRAY_PARTITION variable = taps complete
  for (int t = 0; t < 12; ++t) {
#pragma HLS UNROLL
    taps[t] = 0;
  }
  for (int i = 0; i < 80; ++i) {
#pragma HLS PIPELINE II = 1
    ap_int<14> sum = 0;
    for (int t = 11; t > 0; --t) {
#pragma HLS UNROLL
      taps[t] = taps[t - 1];
      sum += taps[t];
    }
    taps[0] = in.read();
    out.write(ap_int<14>(sum + taps[0]));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(partition_complete, in, out) {
  run.Stream("in", 80);
  run.MaxCycles(80 + 30);
}
#endif  // __HLSC__
