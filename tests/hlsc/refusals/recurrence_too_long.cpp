// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

// hlsc: --clock 300
void recurrence_too_long(hls::stream<ap_uint<64>>& in, hls::stream<ap_uint<64>>& out) {
  ap_uint<64> state = 1;
  for (int i = 0; i < 100; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<64> x = in.read();
    state = (state * x + 12345) * (state + x) * state;
    out.write(state);
  }
}
// EXPECT: 13: carries from one iteration to the next
