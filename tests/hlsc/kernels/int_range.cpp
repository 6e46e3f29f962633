// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// range(), (hi, lo), bit selection, each read and assigned, and concatenation.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void int_range(hls::stream<ap_uint<77>>& in, hls::stream<ap_uint<77>>& out,
               hls::stream<ap_uint<80>>& pieces) {
  for (int i = 0; i < 60; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<77> word = in.read();
    ap_uint<77> result = word;
    result.range(10, 3) = word.range(70, 63);
    result(76, 60) = word(16, 0);
    result[0] = word[76];
    result[33] = !word[33];
    result.range(50, 40) = ap_int<3>(word.range(2, 0));
    const ap_uint<5> five = word.range(20, 16);
    const ap_int<3> three = ap_int<3>(ap_uint<3>(word.range(23, 21)));
    ap_uint<8> joined = (five, ap_uint<3>(three));
    ap_uint<4> high, low;
    (high, low) = joined;
    result.range(59, 56) = low;
    result.range(55, 52) = high;
    out.write(result);
    pieces.write((ap_uint<72>(word), joined));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_range, in, out, pieces) { run.Stream("in", 60); }
#endif  // __HLSC__
