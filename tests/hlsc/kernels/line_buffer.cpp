// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A 3x3 convolution with two line buffers and a window of registers.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void line_buffer(hls::stream<ap_uint<8>>& in, hls::stream<ap_uint<16>>& out) {
  ap_uint<8> upper[24], middle[24];
  ap_uint<8> window[3][3];
#pragma HLS ARRAY_PARTITION variable = window complete dim = 0
#pragma HLS DEPENDENCE variable = upper inter false
#pragma HLS DEPENDENCE variable = middle inter false
  for (int y = 0; y < 10; ++y) {
    for (int x = 0; x < 24; ++x) {
#pragma HLS PIPELINE II = 1
      const ap_uint<8> pixel = in.read();
      const ap_uint<8> above = middle[x], top = upper[x];
      upper[x] = above;
      middle[x] = pixel;
      for (int r = 0; r < 3; ++r) {
        window[r][0] = window[r][1];
        window[r][1] = window[r][2];
      }
      window[0][2] = top;
      window[1][2] = above;
      window[2][2] = pixel;
      if (y >= 2 && x >= 2) {
        ap_uint<16> sum = 0;
        for (int r = 0; r < 3; ++r) {
          for (int c = 0; c < 3; ++c) sum += window[r][c] * ap_uint<4>(3 * r + c + 1);
        }
        out.write(sum);
      }
    }
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(line_buffer, in, out) { run.Stream("in", 240); }
#endif  // __HLSC__
