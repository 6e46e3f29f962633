// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Bits and lanes chosen by variables.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void int_dynamic_bits(hls::stream<ap_uint<64>>& in, hls::stream<ap_uint<6>>& index,
                      hls::stream<ap_uint<64>>& out) {
  for (int i = 0; i < 60; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<64> word = in.read();
    const ap_uint<6> n = index.read();
    ap_uint<64> result = word;
    result[n] = word[ap_uint<6>(n + 1)];
    const int lane = n.range(2, 0);
    const ap_uint<8> byte = word.range(8 * lane + 7, 8 * lane);
    result.range(8 * (7 - lane) + 7, 8 * (7 - lane)) = ap_uint<8>(byte + 1);
    out.write(result);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_dynamic_bits, in, index, out) {
  run.Stream("in", 60);
  run.Stream("index", 60);
}
#endif  // __HLSC__
