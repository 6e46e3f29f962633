// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A loop without PIPELINE.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void loop_sequential(hls::stream<ap_int<20>>& in, hls::stream<ap_int<20>>& out, int n) {
  ap_int<20> last = -1;
  for (int i = 0; i < n; ++i) {
    const ap_int<20> value = in.read();
    last = last ^ (value + last);
    out.write(last);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(loop_sequential, in, out, n) {
  const int n = run.Pick(0, 60);
  run.Scalar("n", n);
  run.Stream("in", n);
}
#endif  // __HLSC__
