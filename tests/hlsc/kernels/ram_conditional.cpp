// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Conditional writes; what was not written keeps its value from the loop before.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void ram_conditional(hls::stream<ap_uint<20>>& in, hls::stream<ap_uint<14>>& out, int n) {
  ap_uint<14> ram[64];
  for (int i = 0; i < 64; ++i) {
#pragma HLS PIPELINE II = 1
    ram[i] = ap_uint<14>(i);
  }
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<20> word = in.read();
    const ap_uint<6> address = word.range(19, 14);
    if (word[0]) {
      ram[address] = word.range(13, 0);
    } else if (word[1]) {
      ram[ap_uint<6>(~address)] = 99;
    }
  }
  for (int i = 0; i < 64; ++i) {
#pragma HLS PIPELINE II = 1
    if (i != 5) out.write(ram[i]);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(ram_conditional, in, out, n) {
  const int n = run.Pick(0, 100);
  run.Scalar("n", n);
  run.Stream("in", n);
}
#endif  // __HLSC__
