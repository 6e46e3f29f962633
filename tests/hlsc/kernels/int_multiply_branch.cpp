// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// hlsc: --multipliers fabric
// The controller branches on a product modulo 2^30, which needs a register before the next state.
#include <ap_int.h>
#include <hls_stream.h>

void int_multiply_branch(hls::stream<ap_uint<32>>& in, hls::stream<ap_uint<32>>& out,
                         ap_uint<30> rows, ap_uint<30> beats, ap_uint<32> limit) {
  const ap_uint<30> product = ap_uint<30>(rows * beats);
  const bool fits = product <= (rows == 1 ? ap_uint<32>(limit << 1) : limit);
  if (fits && beats != 7) {
    for (int i = 0; i < 20; ++i) {
#pragma HLS PIPELINE II = 1
      out.write(in.read());
    }
  } else {
    for (int i = 0; i < 20; ++i) {
#pragma HLS PIPELINE II = 1
      out.write(ap_uint<32>(in.read() + product));
    }
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_multiply_branch, in, out, rows, beats, limit) {
  const int rows = run.Pick(1, 2000), beats = run.Pick(1, 2000);
  run.Scalar("rows", rows);
  run.Scalar("beats", beats);
  // At the product, just below it, or anywhere.
  const int limit = run.index() % 3 == 2 ? run.Pick(0, 4000000) : rows * beats - run.index() % 3;
  run.Scalar("limit", limit);
  run.Stream("in", 20);
}
#endif  // __HLSC__
