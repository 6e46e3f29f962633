// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// II = 3 with a memory that is read and written in each iteration.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void pipeline_ii3(hls::stream<ap_uint<4>>& in, hls::stream<ap_uint<32>>& out, ap_uint<10> n) {
  ap_uint<32> sums[16];
  for (int i = 0; i < 16; ++i) {
#pragma HLS PIPELINE II = 1
    sums[i] = i;
  }
  for (ap_uint<10> i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 3
    const ap_uint<4> key = in.read();
    const ap_uint<32> sum = sums[key] + ap_uint<32>(i);
    sums[key] = sum;
    out.write(sum);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(pipeline_ii3, in, out, n) {
  const int n = run.Pick({0, 3, 200});
  run.Scalar("n", n);
  run.Stream("in", n);
  run.MaxCycles(3 * n + 60);
}
#endif  // __HLSC__
