// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Shifts by constants: arithmetic and logical, also by the width and beyond.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void int_shift_constant(hls::stream<ap_int<21>>& a, hls::stream<ap_uint<100>>& u,
                        hls::stream<ap_int<42>>& out, hls::stream<ap_uint<100>>& wide) {
  for (int i = 0; i < 50; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_int<21> x = a.read();
    const ap_uint<100> y = u.read();
    const ap_int<21> left = x << 5;
    const ap_int<21> right = (x >> 7) ^ (x >> 20) ^ (x >> 21) ^ (x >> 40);
    out.write((ap_int<42>(left) << 21) | ap_int<42>(right));
    wide.write((y << 64) ^ (y >> 36) ^ (y << 99) ^ (y >> 99) ^ (y << 100));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_shift_constant, a, u, out, wide) {
  run.Stream("a", 50);
  run.Stream("u", 50);
}
#endif  // __HLSC__
