// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A sort by insertion: memory read and written in loops that are not pipelined.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void ram_sequential(hls::stream<ap_int<16>>& in, hls::stream<ap_int<16>>& out) {
  ap_int<16> sorted[16];
  for (int i = 0; i < 16; ++i) {
    const ap_int<16> value = in.read();
    int place = i;
    while (place > 0 && sorted[place - 1] > value) {
      sorted[place] = sorted[place - 1];
      --place;
    }
    sorted[place] = value;
  }
  for (int i = 0; i < 16; ++i) out.write(sorted[i]);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(ram_sequential, in, out) { run.Stream("in", 16); }
#endif  // __HLSC__
