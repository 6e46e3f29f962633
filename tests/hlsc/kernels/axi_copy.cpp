// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Memory to memory in bursts of 16 by one process.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

typedef ap_uint<64> Word64;
void axi_copy(hls::burst_maxi<Word64> source, hls::burst_maxi<Word64> target, int n) {
#pragma HLS INTERFACE m_axi port = source bundle = gmem0 offset = slave
#pragma HLS INTERFACE m_axi port = target bundle = gmem1 offset = slave
  for (int b = 0; b < n; ++b) {
    source.read_request(16 * b, 16);
    target.write_request(16 * (n - 1 - b), 16);
    for (int i = 0; i < 16; ++i) {
#pragma HLS PIPELINE II = 1
      target.write(Word64(source.read() + i));
    }
    target.write_response();
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(axi_copy, source, target, n) {
  const int n = run.Pick(0, 12);
  run.Scalar("n", n);
  run.Memory("source", 16 * n);
  run.Memory("target", 16 * n);
}
#endif  // __HLSC__
