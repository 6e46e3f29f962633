// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Split and join: the depth of the slow branch's sibling must hold what waits for it.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static void diamond_split(hls::stream<ap_uint<16>>& in, hls::stream<ap_uint<16>>& left,
                          hls::stream<ap_uint<16>>& right, int n) {
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<16> value = in.read();
    left.write(value);
    right.write(ap_uint<16>(~value));
  }
}
static void diamond_pairs(hls::stream<ap_uint<16>>& in, hls::stream<ap_uint<17>>& out, int n) {
  ap_uint<16> kept = 0;
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<16> value = in.read();
    if (i % 16 == 15) out.write(value + kept);
    kept = value;
  }
}
static void diamond_join(hls::stream<ap_uint<17>>& left, hls::stream<ap_uint<16>>& right,
                         hls::stream<ap_uint<18>>& out, int n) {
  ap_uint<17> pair = 0;
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    if (i % 16 == 0) pair = left.read();
    out.write(pair + right.read());
  }
}
void dataflow_diamond(hls::stream<ap_uint<16>>& in, hls::stream<ap_uint<18>>& out, int n) {
#pragma HLS DATAFLOW
  hls::stream<ap_uint<16>> left, right;
  hls::stream<ap_uint<17>> pairs;
#pragma HLS STREAM variable = right depth = 32
  diamond_split(in, left, right, n);
  diamond_pairs(left, pairs, n);
  diamond_join(pairs, right, out, n);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(dataflow_diamond, in, out, n) {
  const int n = 16 * run.Pick(0, 6);
  run.Scalar("n", n);
  run.Stream("in", n);
}
#endif  // __HLSC__
