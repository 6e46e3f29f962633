// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// All comparisons between signed and unsigned values of different widths: by value, not by bits.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void int_compare(hls::stream<ap_int<9>>& a, hls::stream<ap_uint<9>>& b, hls::stream<ap_int<70>>& c,
                 hls::stream<ap_uint<18>>& out) {
  for (int i = 0; i < 80; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_int<9> x = a.read();
    const ap_uint<9> y = b.read();
    const ap_int<70> z = c.read();
    ap_uint<18> flags = 0;
    flags[0] = x < y;
    flags[1] = x <= y;
    flags[2] = x > y;
    flags[3] = x >= y;
    flags[4] = x == y;
    flags[5] = x != y;
    flags[6] = x < z;
    flags[7] = z <= y;
    flags[8] = z > -1;
    flags[9] = z == ap_int<70>(x);
    flags[10] = x == -256;
    flags[11] = y > 255u;
    flags[12] = ap_uint<9>(x) == y;
    flags[13] = ap_int<9>(y) < x;
    flags[14] = !x;
    flags[15] = bool(z);
    flags[16] = x && y;
    flags[17] = !y || z < 5;
    out.write(flags);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_compare, a, b, c, out) {
  run.Stream("a", 80);
  run.Stream("b", 80);
  run.Stream("c", 80);
}
#endif  // __HLSC__
