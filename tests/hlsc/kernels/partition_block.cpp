// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// block factor = 2: the lower and the upper half in two banks.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void partition_block(hls::stream<ap_int<13>>& in, hls::stream<ap_int<14>>& out) {
  ap_int<13> ram[40];
#pragma HLS ARRAY_PARTITION variable = ram block factor = 2
  for (int i = 0; i < 20; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_int<13> value = in.read();
    ram[i] = value;
    ram[i + 20] = ap_int<13>(value * 3);
  }
  for (int i = 0; i < 20; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(ram[19 - i] - ram[20 + i]);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(partition_block, in, out) { run.Stream("in", 20); }
#endif  // __HLSC__
