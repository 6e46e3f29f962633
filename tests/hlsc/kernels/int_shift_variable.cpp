// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Shifts by variable amounts, larger than the width included, and by negative amounts.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void int_shift_variable(hls::stream<ap_int<19>>& a, hls::stream<ap_uint<72>>& u,
                        hls::stream<ap_uint<7>>& n, hls::stream<ap_int<57>>& out,
                        hls::stream<ap_uint<72>>& wide) {
  for (int i = 0; i < 120; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_int<19> x = a.read();
    const ap_uint<72> y = u.read();
    const ap_uint<7> count = n.read();
    const ap_int<5> both = ap_int<5>(count);
    ap_int<57> result = ap_int<57>(x << count) << 38;
    result.range(37, 19) = x >> count;
    result.range(18, 0) = x >> both;
    out.write(result);
    wide.write((y << count) ^ (y >> count));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_shift_variable, a, u, n, out, wide) {
  run.Stream("a", 120);
  run.Stream("u", 120);
  run.Stream("n", 120);
}
#endif  // __HLSC__
