// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// cyclic factor = 4: four neighbours in four banks are written and read at once.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void partition_cyclic(hls::stream<ap_uint<64>>& in, hls::stream<ap_uint<64>>& out) {
  ap_uint<16> ram[64];
#pragma HLS ARRAY_PARTITION variable = ram cyclic factor = 4
  for (int i = 0; i < 16; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<64> word = in.read();
    for (int l = 0; l < 4; ++l) {
#pragma HLS UNROLL
      ram[4 * i + l] = word.range(16 * l + 15, 16 * l);
    }
  }
  for (int i = 0; i < 16; ++i) {
#pragma HLS PIPELINE II = 1
    ap_uint<64> word = 0;
    for (int l = 0; l < 4; ++l) {
#pragma HLS UNROLL
      word.range(16 * l + 15, 16 * l) = ram[4 * (15 - i) + l];
    }
    out.write(word);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(partition_cyclic, in, out) {
  run.Stream("in", 16);
  run.MaxCycles(32 + 40);
}
#endif  // __HLSC__
