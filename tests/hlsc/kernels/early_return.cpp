// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// return from the middle of a function that is inlined.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static ap_int<16> Clamp(ap_int<16> value, ap_int<16> limit) {
  if (value > limit) return limit;
  if (value < -limit) return -limit;
  return value;
}
void early_return(hls::stream<ap_int<16>>& in, hls::stream<ap_int<16>>& out, int n) {
  const ap_int<16> limit = in.read();
  if (limit < 0) {
    out.write(-1);
    return;
  }
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(Clamp(in.read(), limit));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(early_return, in, out, n) {
  const int n = run.Pick(1, 40), limit = run.index() == 1 ? -5 : run.Pick(0, 32767);
  run.Scalar("n", n);
  run.Stream("in", std::vector<int64_t>{limit});
  if (limit >= 0) run.Stream("in", n);
}
#endif  // __HLSC__
