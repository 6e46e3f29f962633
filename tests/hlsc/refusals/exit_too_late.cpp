// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

// hlsc: --clock 300
void exit_too_late(hls::stream<ap_uint<64>>& in, hls::stream<ap_uint<64>>& out) {
  ap_uint<64> value = in.read();
  bool again = true;
  while (again) {
#pragma HLS PIPELINE II = 1
    value = in.read();
    out.write(value);
    again = value * value * value != 27;
  }
}
// EXPECT: 15: whether the loop goes on
