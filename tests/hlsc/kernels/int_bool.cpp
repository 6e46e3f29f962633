// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// bool as a value, on ports, in arithmetic, and with short-circuit operators.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void int_bool(hls::stream<bool>& a, hls::stream<ap_uint<4>>& b, hls::stream<bool>& out) {
  bool state = true;
  int votes = 0;
  for (int i = 0; i < 64; ++i) {
#pragma HLS PIPELINE II = 1
    const bool x = a.read();
    const ap_uint<4> y = b.read();
    votes += x + (y > 7);
    state = (x && y[1]) || (!state && y != 3) || (x ^ y[2]);
    out.write(state == (votes > 40));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_bool, a, b, out) {
  run.Stream("a", 64);
  run.Stream("b", 64);
}
#endif  // __HLSC__
