// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// & | ^ ~ with operands of different widths and signs: the shorter one is extended.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void int_logic(hls::stream<ap_int<33>>& a, hls::stream<ap_uint<65>>& b,
               hls::stream<ap_int<66>>& and_out, hls::stream<ap_uint<65>>& or_out,
               hls::stream<ap_uint<66>>& xor_out, hls::stream<ap_int<40>>& not_out) {
  for (int i = 0; i < 50; ++i) {
#pragma HLS PIPELINE II = 1
    ap_int<33> x = a.read();
    const ap_uint<65> y = b.read();
    and_out.write(x & y);
    or_out.write(x | y);
    xor_out.write(x ^ y);
    x &= 0x0FFFFFF0;
    x |= 5;
    x ^= -1;
    not_out.write(~x);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_logic, a, b, and_out, or_out, xor_out, not_out) {
  run.Stream("a", 50);
  run.Stream("b", 50);
}
#endif  // __HLSC__
