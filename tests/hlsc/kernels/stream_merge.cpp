// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// The stream to read is chosen by what was read before.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void stream_merge(hls::stream<ap_uint<8>>& a, hls::stream<ap_uint<8>>& b,
                  hls::stream<ap_uint<8>>& out, int n) {
  bool from_b = false;
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    ap_uint<8> value;
    if (from_b) {
      value = b.read();
    } else {
      value = a.read();
    }
    from_b = value[0];
    out.write(value);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(stream_merge, a, b, out, n) {
  const int n = run.Pick(0, 70);
  run.Scalar("n", n);
  run.Stream("a", n);
  run.Stream("b", n);
}
#endif  // __HLSC__
