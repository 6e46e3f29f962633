// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A two-dimensional array, transposed.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void ram_two_dimensions(hls::stream<ap_int<11>>& in, hls::stream<ap_int<11>>& out) {
  ap_int<11> matrix[6][10];
  for (int r = 0; r < 6; ++r) {
    for (int c = 0; c < 10; ++c) {
#pragma HLS PIPELINE II = 1
      matrix[r][c] = in.read();
    }
  }
  for (int c = 0; c < 10; ++c) {
    for (int r = 0; r < 6; ++r) {
#pragma HLS PIPELINE II = 1
      out.write(matrix[r][c]);
    }
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(ram_two_dimensions, in, out) { run.Stream("in", 60); }
#endif  // __HLSC__
