// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Two halves: one is filled while the other is read, as DEPENDENCE inter false promises.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void ram_double_buffer(hls::stream<ap_uint<32>>& in, hls::stream<ap_uint<32>>& out, int blocks) {
  ap_uint<32> buffer[2 * 32];
#pragma HLS BIND_STORAGE variable = buffer type = ram_2p
#pragma HLS DEPENDENCE variable = buffer inter false
  ap_uint<1> half = 0;
  ap_uint<5> place = 0;
  int block = 0;
  const int total = (blocks + 1) * 32;
  for (int t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    if (block < blocks) buffer[int(half) * 32 + int(place)] = in.read();
    const ap_uint<32> kept = buffer[int(ap_uint<1>(~half)) * 32 + int(ap_uint<5>(31 - place))];
    if (block > 0) out.write(kept);
    if (place == 31) {
      half = ~half;
      ++block;
    }
    ++place;
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(ram_double_buffer, in, out, blocks) {
  const int blocks = run.Pick(1, 4);
  run.Scalar("blocks", blocks);
  run.Stream("in", blocks * 32);
  run.MaxCycles((blocks + 1) * 32 + 40);
}
#endif  // __HLSC__
