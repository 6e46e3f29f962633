// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// break ends a pipelined loop; what the broken iteration read stays read.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void loop_break(hls::stream<ap_uint<8>>& in, hls::stream<ap_uint<16>>& out, int n, ap_uint<8> key) {
  ap_uint<16> seen = 0;
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<8> value = in.read();
    if (value == key) break;
    seen += value;
    out.write(seen);
  }
  out.write(ap_uint<16>(~seen));
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(loop_break, in, out, n, key) {
  const int n = run.Pick(0, 80), key = run.Pick(0, 255);
  run.Scalar("n", n);
  run.Scalar("key", key);
  for (int i = 0; i < n; ++i) {
    run.Stream("in", std::vector<int64_t>{i == n / 2 && run.index() != 1 ? key : run.Pick(0, 255)});
  }
}
#endif  // __HLSC__
