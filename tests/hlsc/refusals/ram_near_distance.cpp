// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void ram_near_distance(hls::stream<ap_uint<16>>& in, hls::stream<ap_uint<16>>& out) {
  ap_uint<16> line[128];
  line[0] = 7;
  for (int i = 1; i < 128; ++i) {
#pragma HLS PIPELINE II = 1
    line[i] = line[i - 1] + in.read();
    out.write(line[i]);
  }
}
// EXPECT: 12: array 'line'
