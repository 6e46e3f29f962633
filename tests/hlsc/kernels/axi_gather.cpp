// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Reads of one element at addresses that come from a stream.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void axi_gather(hls::stream<ap_uint<8>>& indices, hls::burst_maxi<ap_uint<32>> table,
                hls::stream<ap_uint<32>>& out, int n) {
#pragma HLS INTERFACE m_axi port = table bundle = gmem offset = slave
  for (int i = 0; i < n; ++i) {
    table.read_request(indices.read(), 1);
    out.write(table.read());
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(axi_gather, indices, table, out, n) {
  const int n = run.Pick(0, 30);
  run.Scalar("n", n);
  run.Memory("table", 256);
  run.Stream("indices", n);
}
#endif  // __HLSC__
