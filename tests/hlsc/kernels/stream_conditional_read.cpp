// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A second stream is read in some iterations only.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void stream_conditional_read(hls::stream<ap_uint<16>>& in, hls::stream<ap_uint<16>>& extra,
                             hls::stream<ap_uint<17>>& out, int n) {
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<16> value = in.read();
    ap_uint<16> other = 3;
    if ((i & 3) == 1) other = extra.read();
    out.write(value + other);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(stream_conditional_read, in, extra, out, n) {
  const int n = run.Pick(0, 70);
  run.Scalar("n", n);
  run.Stream("in", n);
  run.Stream("extra", (n + 2) / 4);
}
#endif  // __HLSC__
