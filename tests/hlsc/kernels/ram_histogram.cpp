// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Read-modify-write of a RAM at an unknown address: at II = 4 a write is done before the next read.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void ram_histogram(hls::stream<ap_uint<5>>& in, hls::stream<ap_uint<10>>& out) {
  ap_uint<10> bins[32];
  for (int i = 0; i < 32; ++i) {
#pragma HLS PIPELINE II = 1
    bins[i] = 0;
  }
  for (int i = 0; i < 200; ++i) {
#pragma HLS PIPELINE II = 4
    const ap_uint<5> bin = in.read();
    bins[bin] = bins[bin] + 1;
  }
  for (int i = 0; i < 32; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(bins[i]);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(ram_histogram, in, out) {
  for (int i = 0; i < 200; ++i) {
    run.Stream("in", std::vector<int64_t>{run.random().OneIn(2) ? 3 : run.Pick(0, 31)});
  }
}
#endif  // __HLSC__
