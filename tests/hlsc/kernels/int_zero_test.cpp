// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Comparisons with powers of two and with zero, which look at some of the bits only.
#include <ap_int.h>
#include <hls_stream.h>

void int_zero_test(hls::stream<ap_uint<40>>& in, hls::stream<ap_uint<12>>& out) {
  for (int i = 0; i < 200; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<40> word = in.read();
    // Around the bounds as often as anywhere.
    const ap_uint<33> x = word[39]
                              ? ap_uint<33>(word.range(32, 0))
                              : ap_uint<33>((ap_uint<33>(1) << word.range(38, 33)) - 1 + word[0]);
    const ap_int<9> y = ap_int<9>(word.range(8, 0));
    ap_uint<12> bits = 0;
    bits[0] = x < 65536;
    bits[1] = x > 65535;
    bits[2] = x >= 65536;
    bits[3] = x <= 65535;
    bits[4] = x < ap_uint<33>(1) << 32;
    bits[5] = x > 0;
    bits[6] = x < 2;
    bits[7] = y < 0;
    bits[8] = y > -1;
    bits[9] = y >= 0;
    bits[10] = y <= -1;
    bits[11] = x < 65537;
    out.write(bits);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_zero_test, in, out) { run.Stream("in", 200); }
#endif  // __HLSC__
