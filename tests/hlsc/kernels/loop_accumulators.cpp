// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Several loop-carried values of different widths, one of them conditional.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void loop_accumulators(hls::stream<ap_int<32>>& in, hls::stream<ap_int<64>>& out, int n) {
  ap_int<40> sum = 0;
  ap_int<32> low = 0x7FFFFFFF, high = -0x7FFFFFFF - 1;
  ap_uint<32> parity = 0;
  ap_uint<11> negatives = 0;
  bool toggle = false;
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_int<32> value = in.read();
    sum += value;
    low = value < low ? value : low;
    if (value > high) high = value;
    parity ^= ap_uint<32>(value) << 1;
    if (value < 0) {
      ++negatives;
      toggle = !toggle;
    }
  }
  out.write(sum);
  out.write(low);
  out.write(high);
  out.write(parity);
  out.write(negatives);
  out.write(toggle);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(loop_accumulators, in, out, n) {
  const int n = run.Pick(0, 100);
  run.Scalar("n", n);
  run.Stream("in", n);
}
#endif  // __HLSC__
