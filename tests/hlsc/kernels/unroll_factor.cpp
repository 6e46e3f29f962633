// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// UNROLL factor = 4 of a loop over a partitioned array.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void unroll_factor(hls::stream<ap_int<16>>& in, hls::stream<ap_int<24>>& out) {
  ap_int<16> values[32];
#pragma HLS ARRAY_PARTITION variable = values cyclic factor = 4
  for (int i = 0; i < 32; ++i) {
#pragma HLS PIPELINE II = 1
    values[i] = in.read();
  }
  ap_int<24> sum = 0;
  for (int i = 0; i < 32; ++i) {
#pragma HLS PIPELINE II = 1
#pragma HLS UNROLL factor = 4
    sum += values[i];
  }
  out.write(sum);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(unroll_factor, in, out) {
  run.Stream("in", 32);
  run.MaxCycles(32 + 8 + 40);
}
#endif  // __HLSC__
