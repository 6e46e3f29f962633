// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Induction variables that are not int: odd widths, steps, descending, wrapping.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void loop_counters(hls::stream<ap_int<16>>& out, ap_uint<7> n) {
  for (ap_uint<7> i = 0; i < n; i += 3) {
#pragma HLS PIPELINE II = 1
    out.write(ap_int<16>(i));
    if (i > 120) break;
  }
  for (ap_int<5> i = 15; i >= 0; --i) {
#pragma HLS PIPELINE II = 1
    out.write(ap_int<16>(i * n));
  }
  for (unsigned char i = 250; i != 4; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(ap_int<16>(i));
  }
  for (long long i = -40; i < 40; i += 7) {
#pragma HLS PIPELINE II = 1
    out.write(ap_int<16>(i));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(loop_counters, out, n) { run.Scalar("n", run.Pick({0, 1, 60, 127})); }
#endif  // __HLSC__
