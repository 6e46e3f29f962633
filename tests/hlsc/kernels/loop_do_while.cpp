// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// do … while, counting down.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void loop_do_while(hls::stream<ap_uint<6>>& in, hls::stream<ap_uint<6>>& out) {
  ap_uint<6> left = in.read();
  do {
#pragma HLS PIPELINE II = 1
    out.write(left);
    --left;
  } while (left != 0);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(loop_do_while, in, out) {
  run.Stream("in", std::vector<int64_t>{run.Pick({1, 2, 33, 63})});
}
#endif  // __HLSC__
