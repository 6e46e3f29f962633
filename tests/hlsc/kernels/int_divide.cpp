// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Division and remainder by powers of two: towards zero for negative numbers.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void int_divide(hls::stream<ap_uint<23>>& u, hls::stream<ap_int<18>>& s,
                hls::stream<ap_int<42>>& quotients, hls::stream<ap_int<32>>& remainders) {
  for (int i = 0; i < 80; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<23> x = u.read();
    const ap_int<18> y = s.read();
    quotients.write(ap_int<42>(x / 16) * 262144 + y / 8);
    remainders.write(ap_int<32>(x % 1024) * 4096 + y % 32 + y / 1);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_divide, u, s, quotients, remainders) {
  run.Stream("u", 80);
  run.Stream("s", 80);
}
#endif  // __HLSC__
