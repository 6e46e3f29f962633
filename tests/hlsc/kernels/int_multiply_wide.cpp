// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A product wider than any built-in type.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void int_multiply_wide(hls::stream<ap_int<100>>& a, hls::stream<ap_int<90>>& b,
                       hls::stream<ap_int<190>>& out) {
  for (int i = 0; i < 40; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(a.read() * b.read());
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_multiply_wide, a, b, out) {
  run.Stream("a", 40);
  run.Stream("b", 40);
}
#endif  // __HLSC__
