// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Counters that wait for each other at a bound known late: at 300 MHz they fit into an iteration
// only with a part of what is left for routing elsewhere.
#include <ap_int.h>
#include <hls_stream.h>

void loop_nested_counters(ap_uint<32> rows, hls::stream<ap_uint<64>>& places) {
  ap_uint<32> row = 0, column = 0, part = 0;
  for (int i = 0; i < 300; ++i) {
#pragma HLS PIPELINE II = 1
    places.write((ap_uint<64>(row) << 32) | (column << 4) | part);
    const bool part_end = part + 1 == 3;
    const bool column_end = part_end && column + 1 == 5;
    part = part_end ? ap_uint<32>(0) : ap_uint<32>(part + 1);
    if (part_end) column = column_end ? ap_uint<32>(0) : ap_uint<32>(column + 1);
    if (column_end) row = row + 1 == rows ? ap_uint<32>(0) : ap_uint<32>(row + 1);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(loop_nested_counters, rows, places) {
  run.Scalar("rows", run.Pick(1, 4));
  run.MaxCycles(330);
}
#endif  // __HLSC__
