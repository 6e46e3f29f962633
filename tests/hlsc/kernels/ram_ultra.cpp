// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A deep array, which synthesis shall make of UltraRAM: written in full, then read backwards.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void ram_ultra(hls::stream<ap_uint<72>>& in, hls::stream<ap_uint<72>>& out, int count) {
  ap_uint<72> deep[4096];
#pragma HLS BIND_STORAGE variable = deep type = ram_2p impl = uram
  for (int i = 0; i < count; ++i) {
#pragma HLS PIPELINE II = 1
    deep[ap_uint<12>(i)] = in.read();
  }
  for (int i = count - 1; i >= 0; --i) {
#pragma HLS PIPELINE II = 1
    out.write(deep[ap_uint<12>(i)]);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(ram_ultra, in, out, count) {
  const int count = run.Pick(1, 300);
  run.Scalar("count", count);
  run.Stream("in", count);
  run.MaxCycles(2 * count + 40);
}
#endif  // __HLSC__
