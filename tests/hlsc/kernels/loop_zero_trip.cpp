// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Loops one after another, each of which may run zero times.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void loop_zero_trip(hls::stream<ap_uint<5>>& in, hls::stream<ap_uint<16>>& out, int n, int m) {
  ap_uint<16> sum = 5;
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    sum += in.read();
  }
  for (int i = 0; i < m; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(sum + i);
  }
  for (int i = m; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(ap_uint<16>(i));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(loop_zero_trip, in, out, n, m) {
  const int n = run.Pick({0, 0, 1, 20}), m = run.Pick({0, 0, 1, 15});
  run.Scalar("n", n);
  run.Scalar("m", m);
  run.Stream("in", n);
}
#endif  // __HLSC__
