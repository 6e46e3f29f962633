// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A local RAM filled in one loop and read backwards in the next.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void ram_reverse(hls::stream<ap_uint<37>>& in, hls::stream<ap_uint<37>>& out, ap_uint<8> n) {
  ap_uint<37> ram[256];
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    ram[i] = in.read();
  }
  for (int i = int(n) - 1; i >= 0; --i) {
#pragma HLS PIPELINE II = 1
    out.write(ram[i]);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(ram_reverse, in, out, n) {
  const int n = run.Pick({0, 1, 2, 100, 255});
  run.Scalar("n", n);
  run.Stream("in", n);
  run.MaxCycles(2 * n + 40);
}
#endif  // __HLSC__
