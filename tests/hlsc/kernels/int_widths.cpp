// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Ports and arithmetic of awkward widths, up to 512 bits.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void int_widths(hls::stream<ap_int<1>>& w1, hls::stream<ap_uint<3>>& w3, hls::stream<ap_int<7>>& w7,
                hls::stream<ap_int<33>>& w33, hls::stream<ap_uint<65>>& w65,
                hls::stream<ap_int<100>>& w100, hls::stream<ap_uint<512>>& w512,
                hls::stream<ap_uint<512>>& out) {
  for (int i = 0; i < 40; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_int<1> a = w1.read();
    const ap_uint<3> b = w3.read();
    const ap_int<7> c = w7.read();
    const ap_int<33> d = w33.read();
    const ap_uint<65> e = w65.read();
    const ap_int<100> f = w100.read();
    const ap_uint<512> g = w512.read();
    const ap_int<9> ab = a + b;
    const ap_int<101> cdf = c - d + f;
    const ap_uint<512> sum = g + e + ap_uint<512>(cdf) - ab;
    out.write(sum ^ (ap_uint<512>(f) << 300));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_widths, w1, w3, w7, w33, w65, w100, w512, out) {
  for (const char* name : {"w1", "w3", "w7", "w33", "w65", "w100", "w512"}) run.Stream(name, 40);
  run.MaxCycles(40 + 40);
}
#endif  // __HLSC__
