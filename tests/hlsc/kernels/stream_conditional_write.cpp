// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Values go to one of two outputs, or to neither, or to both.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void stream_conditional_write(hls::stream<ap_uint<10>>& in, hls::stream<ap_uint<10>>& low,
                              hls::stream<ap_uint<10>>& high, int n) {
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<10> value = in.read();
    if (value < 400) low.write(value);
    if (value >= 300 && value < 900) high.write(ap_uint<10>(value - 300));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(stream_conditional_write, in, low, high, n) {
  const int n = run.Pick(0, 90);
  run.Scalar("n", n);
  run.Stream("in", n);
}
#endif  // __HLSC__
