// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// continue skips the rest of an iteration.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void loop_continue(hls::stream<ap_int<8>>& in, hls::stream<ap_int<8>>& out, int n) {
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_int<8> value = in.read();
    if (value < 0) continue;
    if (value == 7 || (i & 3) == 2) continue;
    out.write(value);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(loop_continue, in, out, n) {
  const int n = run.Pick(0, 90);
  run.Scalar("n", n);
  run.Stream("in", n);
}
#endif  // __HLSC__
