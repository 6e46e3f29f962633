// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// s_axilite scalars of every kind: bool, odd widths, built-in types, more than 32 bits.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void scalar_arguments(bool b, ap_uint<3> tiny, signed char character, ap_int<16> half, int plain,
                      ap_int<64> wide, ap_uint<45> odd, hls::stream<ap_int<80>>& out) {
#pragma HLS INTERFACE axis port = out
#pragma HLS INTERFACE s_axilite port = b
#pragma HLS INTERFACE s_axilite port = tiny
  out.write(b);
  out.write(tiny);
  out.write(character);
  out.write(half);
  out.write(plain);
  out.write(wide);
  out.write(odd);
  out.write(wide + odd - half * plain);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(scalar_arguments, b, tiny, character, half, plain, wide, odd, out) {
  for (const char* name : {"b", "tiny", "character", "half", "plain", "wide", "odd"}) {
    run.RandomScalar(name);
  }
}
#endif  // __HLSC__
