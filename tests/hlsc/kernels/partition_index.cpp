// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A completely partitioned array read and written at variable indices.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void partition_index(hls::stream<ap_uint<16>>& in, hls::stream<ap_uint<10>>& out) {
  ap_uint<10> registers[8];
#pragma HLS ARRAY_PARTITION variable = registers complete
  for (int t = 0; t < 8; ++t) {
#pragma HLS UNROLL
    registers[t] = t;
  }
  for (int i = 0; i < 80; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<16> word = in.read();
    const ap_uint<3> from = word.range(2, 0), to = word.range(5, 3);
    const ap_uint<10> value = registers[from];
    registers[to] = word.range(15, 6);
    out.write(ap_uint<10>(value + registers[0]));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(partition_index, in, out) { run.Stream("in", 80); }
#endif  // __HLSC__
