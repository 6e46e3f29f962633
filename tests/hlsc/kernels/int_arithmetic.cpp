// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// + - * unary minus, ++ and --, on signed and unsigned operands mixed, at full result widths.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void int_arithmetic(hls::stream<ap_int<13>>& a, hls::stream<ap_uint<10>>& b,
                    hls::stream<ap_int<15>>& sum, hls::stream<ap_int<15>>& difference,
                    hls::stream<ap_int<23>>& product, hls::stream<ap_int<14>>& negated,
                    hls::stream<ap_uint<10>>& steps) {
  for (int i = 0; i < 60; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_int<13> x = a.read();
    const ap_uint<10> y = b.read();
    sum.write(x + y);
    difference.write(y - x);
    product.write(x * y);
    negated.write(-x);
    ap_uint<10> z = y;
    z++;
    ++z;
    z += x;
    z--;
    z -= 7;
    z *= y;
    steps.write(z);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_arithmetic, a, b, sum, difference, product, negated, steps) {
  run.Stream("a", 60);
  run.Stream("b", 60);
}
#endif  // __HLSC__
