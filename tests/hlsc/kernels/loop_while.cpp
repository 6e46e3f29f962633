// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// while: the end comes with the data.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void loop_while(hls::stream<ap_uint<9>>& in, hls::stream<ap_uint<16>>& out) {
  bool last = false;
  ap_uint<16> count = 0;
  while (!last) {
#pragma HLS PIPELINE II = 1
    const ap_uint<9> value = in.read();
    last = value[8];
    count = count * 3 + value;
    out.write(count);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(loop_while, in, out) {
  const int n = run.Pick({0, 1, 50});
  for (int i = 0; i < n; ++i) run.Stream("in", std::vector<int64_t>{run.Pick(0, 255)});
  run.Stream("in", std::vector<int64_t>{256 + run.Pick(0, 255)});
}
#endif  // __HLSC__
