// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Three loops, the inner bounds depending on the outer indices.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void loop_nested3(hls::stream<ap_uint<32>>& out, int n) {
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j <= i; ++j) {
      for (int k = j; k < i; ++k) {
#pragma HLS PIPELINE II = 1
        out.write(ap_uint<32>(i * 10000 + j * 100 + k));
      }
    }
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(loop_nested3, out, n) { run.Scalar("n", run.Pick(0, 7)); }
#endif  // __HLSC__
