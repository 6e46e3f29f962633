// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// An array that fills an UltraRAM, and says nothing of what it is to be made of.
#include <ap_int.h>
#include <hls_stream.h>

void ram_deep(hls::stream<ap_uint<72>>& in, hls::stream<ap_uint<72>>& out, int count) {
  ap_uint<72> deep[4096];
#pragma HLS BIND_STORAGE variable = deep type = ram_2p
  for (int i = 0; i < count; ++i) {
#pragma HLS PIPELINE II = 1
    deep[ap_uint<12>(3 * i)] = in.read();
  }
  for (int i = 0; i < count; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(deep[ap_uint<12>(3 * i)]);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(ram_deep, in, out, count) {
  const int count = run.Pick(1, 300);
  run.Scalar("count", count);
  run.Stream("in", count);
  run.MaxCycles(2 * count + 40);
}
#endif  // __HLSC__
