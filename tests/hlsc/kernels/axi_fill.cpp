// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// One long write request: split into bursts by the master, one response in the end.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void axi_fill(hls::burst_maxi<ap_uint<128>> target, ap_uint<32> n, ap_uint<64> value) {
#pragma HLS INTERFACE m_axi port = target bundle = gmem offset = slave
  if (n == 0) return;
  target.write_request(3, n);
  for (ap_uint<32> i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    target.write((value, ap_uint<64>(i)));
  }
  target.write_response();
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(axi_fill, target, n, value) {
  const int n = run.Pick({0, 1, 2, 300, 700});
  run.Scalar("n", n);
  run.RandomScalar("value");
  run.Memory("target", n + 5);
  run.MaxCycles(n + 120);
}
#endif  // __HLSC__
