// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// hlsc: --multipliers fabric
// Products without a multiplier: of either sign, wide, narrow, cut off, by constants, in the
// controller.
#include <ap_int.h>
#include <hls_stream.h>

void int_multiply_fabric(hls::stream<ap_uint<24>>& a, hls::stream<ap_int<17>>& b,
                         hls::stream<ap_int<190>>& wide, hls::stream<ap_uint<48>>& squares,
                         hls::stream<ap_int<41>>& mixed, hls::stream<ap_int<34>>& both,
                         hls::stream<ap_uint<19>>& low, hls::stream<ap_int<60>>& constants,
                         ap_uint<32> left, ap_int<13> right, hls::stream<ap_uint<64>>& once) {
  const ap_uint<32> product = ap_uint<32>(left * left);
  once.write(ap_uint<64>(product * left));
  once.write(ap_uint<64>(ap_int<64>(right * right) + ap_int<64>(left * right)));
  for (int i = 0; i < 40; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<24> x = a.read();
    const ap_int<17> y = b.read();
    const ap_int<100> u = (ap_int<100>(y) << 60) + x;
    const ap_int<90> v = (ap_int<90>(x) << 61) - y;
    wide.write(u * v);
    squares.write(x * x);
    mixed.write(x * y);
    both.write(y * ap_int<17>(y ^ ap_int<17>(x)));
    low.write(ap_uint<19>(x * ap_uint<24>(x + left)));
    constants.write(ap_int<60>(y * 76616651 - (x * 3 + y * -7) + x * ap_uint<2>(y) + x * 0xFFFFF));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_multiply_fabric, a, b, wide, squares, mixed, both, low, constants, left, right,
             once) {
  run.RandomScalar("left");
  run.RandomScalar("right");
  run.Stream("a", 40);
  run.Stream("b", 40);
}
#endif  // __HLSC__
