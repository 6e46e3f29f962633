// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// In one iteration an element is written and read: program order decides, on both sides.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void ram_same_address(hls::stream<ap_uint<16>>& in, hls::stream<ap_uint<32>>& out) {
  ap_uint<16> ram[64];
  for (int i = 0; i < 64; ++i) {
#pragma HLS PIPELINE II = 1
    ram[i] = ap_uint<16>(i * 771);
  }
  for (int i = 0; i < 64; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<16> old = ram[i];
    ram[i] = in.read();
    out.write((ap_uint<32>(old) << 16) | i);
  }
  for (int i = 0; i < 64; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(ram[i]);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(ram_same_address, in, out) {
  run.Stream("in", 64);
  run.MaxCycles(3 * 64 + 60);
}
#endif  // __HLSC__
