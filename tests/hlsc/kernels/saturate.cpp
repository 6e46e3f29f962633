// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A requantisation: multiply, round, shift, add, saturate, as the epilogues do.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void saturate(hls::stream<ap_int<32>>& in, ap_int<32> multiplier, ap_uint<6> shift,
              hls::stream<ap_int<8>>& out) {
  for (int i = 0; i < 60; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_int<64> product = in.read() * multiplier;
    const ap_int<65> rounded = product + (ap_int<64>(1) << shift);
    const ap_int<65> value = rounded >> ap_uint<7>(shift + 1);
    out.write(value > 127 ? ap_int<8>(127) : value < -128 ? ap_int<8>(-128) : ap_int<8>(value));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(saturate, in, multiplier, shift, out) {
  run.RandomScalar("multiplier");
  run.Scalar("shift", run.Pick(0, 62));
  run.Stream("in", 60);
}
#endif  // __HLSC__
