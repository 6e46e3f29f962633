// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A delay line of 16: the distance is the programmer's promise.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void ram_delay_line(hls::stream<ap_int<24>>& in, hls::stream<ap_int<24>>& out, int n) {
  ap_int<24> line[16];
#pragma HLS DEPENDENCE variable = line inter false
  for (int i = 0; i < 16; ++i) {
#pragma HLS PIPELINE II = 1
    line[i] = i;
  }
  ap_uint<4> place = 0;
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_int<24> value = in.read();
    const ap_int<24> old = line[place];
    line[place] = ap_int<24>(value - old);
    out.write(old);
    ++place;
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(ram_delay_line, in, out, n) {
  const int n = run.Pick(0, 120);
  run.Scalar("n", n);
  run.Stream("in", n);
  run.MaxCycles(n + 60);
}
#endif  // __HLSC__
