// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Two reads of one RAM in an iteration: both of its ports.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void ram_two_reads(hls::stream<ap_uint<18>>& in, hls::stream<ap_uint<19>>& out) {
  ap_uint<18> ram[128];
#pragma HLS BIND_STORAGE variable = ram type = ram_2p
  for (int i = 0; i < 128; ++i) {
#pragma HLS PIPELINE II = 1
    ram[i] = in.read();
  }
  for (int i = 0; i < 64; ++i) {
#pragma HLS PIPELINE II = 2
    out.write(ram[i] + ram[127 - i]);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(ram_two_reads, in, out) { run.Stream("in", 128); }
#endif  // __HLSC__
