// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A process that makes three values of one, one that makes one of three, with expressions of
// scalars as arguments.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static void rates_expand(hls::stream<ap_uint<10>>& in, hls::stream<ap_uint<12>>& out,
                         ap_uint<32> total) {
  ap_uint<10> value = 0;
  ap_uint<2> phase = 0;
  for (ap_uint<32> i = 0; i < total; ++i) {
#pragma HLS PIPELINE II = 1
    if (phase == 0) value = in.read();
    out.write((value, phase));
    phase = phase == 2 ? ap_uint<2>(0) : ap_uint<2>(phase + 1);
  }
}
template <int kFactor>
static void rates_reduce(hls::stream<ap_uint<12>>& in, hls::stream<ap_uint<14>>& out,
                         ap_uint<32> groups) {
  for (ap_uint<32> g = 0; g < groups; ++g) {
    ap_uint<14> sum = 0;
    for (int i = 0; i < kFactor; ++i) {
#pragma HLS PIPELINE II = 1
      sum += in.read();
    }
    out.write(sum);
  }
}
static void rates_reduce3(hls::stream<ap_uint<12>>& in, hls::stream<ap_uint<14>>& out,
                          ap_uint<32> groups) {
  rates_reduce<3>(in, out, groups);
}
void dataflow_rates(hls::stream<ap_uint<10>>& in, hls::stream<ap_uint<14>>& out, ap_uint<32> n) {
#pragma HLS DATAFLOW
  hls::stream<ap_uint<12>> expanded;
  rates_expand(in, expanded, ap_uint<32>(n * 3));
  rates_reduce3(expanded, out, n);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(dataflow_rates, in, out, n) {
  const int n = run.Pick(0, 40);
  run.Scalar("n", n);
  run.Stream("in", n);
}
#endif  // __HLSC__
