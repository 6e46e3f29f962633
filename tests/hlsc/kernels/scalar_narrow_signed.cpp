// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// s_axilite scalars of a few bits with a sign: the one bit of an ap_int<1> is the sign, so it reads
// as 0 or -1, never as 1.
#include <ap_int.h>
#include <hls_stream.h>

void scalar_narrow_signed(ap_int<1> one, ap_int<2> two, ap_int<7> seven, ap_uint<1> bit,
                          ap_int<33> wide, hls::stream<ap_int<64>>& out) {
#pragma HLS INTERFACE axis port = out
#pragma HLS INTERFACE s_axilite port = one
#pragma HLS INTERFACE s_axilite port = two
#pragma HLS INTERFACE s_axilite port = seven
#pragma HLS INTERFACE s_axilite port = bit
#pragma HLS INTERFACE s_axilite port = wide
  out.write(one);
  out.write(one == -1 ? 111 : one == 0 ? 222 : 333);
  out.write(one < 0 ? 1 : 0);
  out.write(two);
  out.write(seven);
  out.write(bit);
  out.write(bit == 1 ? 111 : bit == 0 ? 222 : 333);
  out.write(wide);
  out.write(one * wide + (two << 5) - seven * bit);
  for (int i = int(two); i < 2; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(one ? ap_int<64>(i * seven) : ap_int<64>(i + one));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(scalar_narrow_signed, one, two, seven, bit, wide, out) {
  run.Scalar("one", run.index() == 1 ? 0 : -1);
  for (const char* name : {"two", "seven", "bit", "wide"}) run.RandomScalar(name);
}
#endif  // __HLSC__
