// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A pipelined loop inside a sequential one, with bounds known only at run time.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void loop_nested(hls::stream<ap_int<16>>& in, hls::stream<ap_int<24>>& out, ap_uint<8> rows,
                 ap_uint<8> cols) {
rows:
  for (int r = 0; r < rows; ++r) {
    ap_int<24> sum = r;
  cols:
    for (int c = 0; c < cols; ++c) {
#pragma HLS PIPELINE II = 1
      sum += in.read();
    }
    out.write(sum);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(loop_nested, in, out, rows, cols) {
  const int rows = run.Pick({0, 1, 13}), cols = run.Pick({0, 1, 2, 31});
  run.Scalar("rows", rows);
  run.Scalar("cols", cols);
  run.Stream("in", rows * cols);
  run.MaxCycles(rows * (cols + 16) + 24);
}
#endif  // __HLSC__
