// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Products: 8 by 8, a square, 40 by 33, and by constants.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void int_multiply(hls::stream<ap_int<40>>& a, hls::stream<ap_uint<33>>& b,
                  hls::stream<ap_int<16>>& narrow, hls::stream<ap_uint<34>>& square,
                  hls::stream<ap_int<73>>& wide, hls::stream<ap_int<60>>& scaled) {
  for (int i = 0; i < 60; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_int<40> x = a.read();
    const ap_uint<33> y = b.read();
    const ap_int<8> x8 = x.range(7, 0), y8 = y.range(9, 2);
    narrow.write(x8 * y8);
    const ap_int<17> h = x.range(30, 14);
    square.write(ap_uint<34>(h * h));
    wide.write(x * y);
    scaled.write(x * 255 + y * ap_int<12>(-2048) - x * 3);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_multiply, a, b, narrow, square, wide, scaled) {
  run.Stream("a", 60);
  run.Stream("b", 60);
}
#endif  // __HLSC__
