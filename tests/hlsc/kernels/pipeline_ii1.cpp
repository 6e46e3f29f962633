// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A pipelined loop at II = 1 takes its trip count and a small constant.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void pipeline_ii1(hls::stream<ap_int<16>>& in, hls::stream<ap_int<32>>& out, int n) {
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(in.read() * ap_int<9>(-93) + i);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(pipeline_ii1, in, out, n) {
  const int n = run.Pick({1, 64, 257});
  run.Scalar("n", n);
  run.Stream("in", n);
  run.MaxCycles(n + 24);
}
#endif  // __HLSC__
