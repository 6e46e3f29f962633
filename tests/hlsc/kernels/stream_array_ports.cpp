// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// An array of streams as the input of a single process, read in an unrolled loop.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void stream_array_ports(hls::stream<ap_uint<5>> (&in)[3], hls::stream<ap_uint<8>>& out) {
  for (int i = 0; i < 60; ++i) {
#pragma HLS PIPELINE II = 1
    ap_uint<8> sum = i;
    for (int l = 0; l < 3; ++l) {
#pragma HLS UNROLL
      if (l != 1 || (i & 1) == 0) sum += in[l].read();
    }
    out.write(sum);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(stream_array_ports, in, out) {
  run.Stream("in[0]", 60);
  run.Stream("in[1]", 30);
  run.Stream("in[2]", 60);
}
#endif  // __HLSC__
