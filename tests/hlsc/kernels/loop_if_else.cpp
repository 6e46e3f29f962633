// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Whole loops under if and else, as a process chooses between two ways of working.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void loop_if_else(hls::stream<ap_int<12>>& in, hls::stream<ap_int<12>>& out, int n,
                  ap_uint<2> mode) {
  if (n == 0) return;
  if (mode == 0) {
    for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
      out.write(in.read());
    }
  } else if (mode == 1) {
    ap_int<12> previous = 0;
    for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
      const ap_int<12> value = in.read();
      out.write(value - previous);
      previous = value;
    }
  } else {
    ap_int<12> sum = 0;
    for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
      sum += in.read();
    }
    out.write(sum);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(loop_if_else, in, out, n, mode) {
  const int n = run.Pick(0, 40);
  run.Scalar("n", n);
  run.Scalar("mode", run.Pick(0, 3));
  run.Stream("in", n);
}
#endif  // __HLSC__
