// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Arrays of streams, inside and on the ports.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static void lanes_scatter(hls::stream<ap_uint<32>>& in, hls::stream<ap_uint<8>> (&lanes)[4],
                          int n) {
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<32> word = in.read();
    for (int l = 0; l < 4; ++l) {
#pragma HLS UNROLL
      lanes[l].write(word.range(8 * l + 7, 8 * l));
    }
  }
}
static void lanes_scale(hls::stream<ap_uint<8>> (&in)[4], hls::stream<ap_uint<12>> (&out)[4],
                        int n) {
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    for (int l = 0; l < 4; ++l) {
#pragma HLS UNROLL
      out[l].write(in[l].read() * ap_uint<4>(3 + 2 * l));
    }
  }
}
void dataflow_stream_array(hls::stream<ap_uint<32>>& in, hls::stream<ap_uint<12>> (&out)[4],
                           int n) {
#pragma HLS DATAFLOW
  hls::stream<ap_uint<8>> lanes[4];
#pragma HLS STREAM variable = lanes depth = 4
  lanes_scatter(in, lanes, n);
  lanes_scale(lanes, out, n);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(dataflow_stream_array, in, out, n) {
  const int n = run.Pick(0, 90);
  run.Scalar("n", n);
  run.Stream("in", n);
}
#endif  // __HLSC__
