// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Ternaries, chains of selects and switch, with and without default.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static ap_int<20> Choose(ap_uint<3> op, ap_int<16> a, ap_int<16> b) {
  switch (op) {
    case 0:
      return a + b;
    case 1:
      return a - b;
    case 2:
    case 3:
      return a < b ? a : b;
    case 6:
      return a & b;
    default:
      return op[0] ? ap_int<20>(~a) : ap_int<20>(b << 2);
  }
}
void int_select(hls::stream<ap_uint<35>>& in, hls::stream<ap_int<20>>& out) {
  for (int i = 0; i < 100; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<35> word = in.read();
    const ap_int<16> a = word.range(15, 0), b = word.range(31, 16);
    ap_int<20> result = Choose(word.range(34, 32), a, b);
    switch (i & 7) {
      case 1:
        result += 5;
        break;
      case 4:
        result = -result;
    }
    out.write(a == b     ? ap_int<20>(1)
              : a > 1000 ? result
              : b > 1000 ? ap_int<20>(result ^ 0x55)
                         : ap_int<20>(result - 1));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_select, in, out) { run.Stream("in", 100); }
#endif  // __HLSC__
