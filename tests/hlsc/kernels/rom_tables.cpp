// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Constant tables: global, local, two-dimensional, signed and wider than 64 bits.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static const ap_int<12> kSquares[16] = {0,   1,   4,    9,    16,   25,    36,   49,
                                        -64, -81, -100, -121, 1000, -2048, 2047, -1};
static const unsigned char kGrid[3][4] = {{1, 2, 3, 4}, {50, 60, 70, 80}, {255, 128, 127, 0}};
void rom_tables(hls::stream<ap_uint<8>>& in, hls::stream<ap_int<32>>& out) {
  static const int kLocal[4] = {1 << 20, -7, 0x7FFF, -65536};
  for (int i = 0; i < 100; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<8> value = in.read();
    const ap_int<32> square = kSquares[value.range(3, 0)];
    const int row = value.range(7, 4) % 4 < 3 ? int(value.range(5, 4)) : 0;
    out.write(square + kGrid[row][value.range(7, 6)] + kLocal[i & 3]);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(rom_tables, in, out) { run.Stream("in", 100); }
#endif  // __HLSC__
