// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// II = 2: the accumulator's multiplication may take two cycles.
// hlsc: --clock 100
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void pipeline_ii2(hls::stream<ap_uint<24>>& in, hls::stream<ap_uint<24>>& out, int n) {
  ap_uint<24> state = 1;
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 2
    state = state * ap_uint<24>(0x19660D) + in.read();
    out.write(state);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(pipeline_ii2, in, out, n) {
  const int n = run.Pick({0, 1, 100});
  run.Scalar("n", n);
  run.Stream("in", n);
  run.MaxCycles(2 * n + 24);
}
#endif  // __HLSC__
