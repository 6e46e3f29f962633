// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// An RTL function with a latency of three cycles inside a pipelined loop.
// hlsc: --blackbox {dir}/blackbox/bb_scale.json
// The C model of blackbox/bb_scale.v: (a · b + 64) >> 7.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static int bb_scale(int a, int b) {
  return static_cast<int>((static_cast<long long>(a) * b + 64) >> 7);
}
void blackbox_scalar(hls::stream<ap_int<20>>& in, hls::stream<ap_int<32>>& out, int n) {
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_int<20> value = in.read();
    const int scaled = bb_scale(value, 3 * i - 50);
    out.write(scaled ^ value);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(blackbox_scalar, in, out, n) {
  const int n = run.Pick(0, 80);
  run.Scalar("n", n);
  run.Stream("in", n);
  run.MaxCycles(n + 30);
}
#endif  // __HLSC__
