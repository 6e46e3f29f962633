// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// One function as two processes with different constants and streams.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static void twice_step(hls::stream<ap_uint<20>>& in, hls::stream<ap_uint<20>>& out, int n,
                       ap_uint<4> amount) {
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<20> value = in.read();
    out.write(ap_uint<20>((value << amount) | (value >> ap_uint<5>(20 - amount))));
  }
}
static void twice_first(hls::stream<ap_uint<20>>& in, hls::stream<ap_uint<20>>& out, int n) {
  twice_step(in, out, n, 3);
}
static void twice_second(hls::stream<ap_uint<20>>& in, hls::stream<ap_uint<20>>& out, int n) {
  twice_step(in, out, n, 11);
}
void dataflow_twice(hls::stream<ap_uint<20>>& in, hls::stream<ap_uint<20>>& out, int n) {
#pragma HLS DATAFLOW
  hls::stream<ap_uint<20>> between;
  twice_first(in, between, n);
  twice_second(between, out, n);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(dataflow_twice, in, out, n) {
  const int n = run.Pick(0, 50);
  run.Scalar("n", n);
  run.Stream("in", n);
}
#endif  // __HLSC__
