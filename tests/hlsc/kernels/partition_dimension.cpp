// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Partition of one dimension: four rows, each a RAM of its own.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void partition_dimension(hls::stream<ap_uint<32>>& in, hls::stream<ap_uint<10>>& out) {
  ap_uint<8> rows[4][32];
#pragma HLS ARRAY_PARTITION variable = rows complete dim = 1
  for (int i = 0; i < 32; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<32> word = in.read();
    for (int r = 0; r < 4; ++r) {
#pragma HLS UNROLL
      rows[r][i] = word.range(8 * r + 7, 8 * r);
    }
  }
  for (int i = 0; i < 32; ++i) {
#pragma HLS PIPELINE II = 1
    ap_uint<10> sum = 0;
    for (int r = 0; r < 4; ++r) {
#pragma HLS UNROLL
      sum += rows[r][(i + 8 * r) & 31];
    }
    out.write(sum);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(partition_dimension, in, out) { run.Stream("in", 32); }
#endif  // __HLSC__
