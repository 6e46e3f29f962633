// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Three processes in a row; the scalar reaches all of them.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static void chain_scale(hls::stream<ap_int<16>>& in, hls::stream<ap_int<24>>& out, int n) {
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(in.read() * ap_int<8>(-77));
  }
}
static void chain_sum(hls::stream<ap_int<24>>& in, hls::stream<ap_int<40>>& out, int n) {
  ap_int<40> sum = 0;
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    sum += in.read();
    out.write(sum);
  }
}
static void chain_mark(hls::stream<ap_int<40>>& in, hls::stream<ap_int<41>>& out, int n) {
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(in.read() * 2 + (i == n - 1));
  }
}
void dataflow_chain(hls::stream<ap_int<16>>& in, hls::stream<ap_int<41>>& out, int n) {
#pragma HLS DATAFLOW
  hls::stream<ap_int<24>> scaled;
  hls::stream<ap_int<40>> sums;
  chain_scale(in, scaled, n);
  chain_sum(scaled, sums, n);
  chain_mark(sums, out, n);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(dataflow_chain, in, out, n) {
  const int n = run.Pick({0, 1, 2, 150});
  run.Scalar("n", n);
  run.Stream("in", n);
  run.MaxCycles(n + 60);
}
#endif  // __HLSC__
