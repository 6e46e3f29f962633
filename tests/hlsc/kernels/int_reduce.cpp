// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Reductions and bit tricks of ap_int.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void int_reduce(hls::stream<ap_uint<37>>& in, hls::stream<ap_uint<64>>& out) {
  for (int i = 0; i < 80; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<37> word = in.read();
    ap_uint<64> result = 0;
    result[0] = word.and_reduce();
    result[1] = word.or_reduce();
    result[2] = word.xor_reduce();
    result[3] = word.nor_reduce();
    result[4] = word.nand_reduce();
    result[5] = word.xnor_reduce();
    result.range(15, 10) = word.countLeadingZeros();
    result.range(60, 24) = word.reverse();
    out.write(result);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_reduce, in, out) {
  run.Stream("in", 60);
  run.Stream("in",
             {0, -1, 1, 2, 1ll << 36, 3, 1ll << 20, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 0, -2, 4});
}
#endif  // __HLSC__
