// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// One stream written on both sides of an if: one access in an iteration.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void stream_either_write(hls::stream<ap_int<11>>& in, hls::stream<ap_int<11>>& out, int n) {
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_int<11> value = in.read();
    if (value > 100) {
      out.write(ap_int<11>(value - 100));
    } else if (value < -100) {
      out.write(ap_int<11>(-value));
    } else {
      out.write(0);
    }
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(stream_either_write, in, out, n) {
  const int n = run.Pick(0, 70);
  run.Scalar("n", n);
  run.Stream("in", n);
}
#endif  // __HLSC__
