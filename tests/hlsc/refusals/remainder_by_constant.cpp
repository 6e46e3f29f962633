// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void remainder_by_constant(hls::stream<ap_uint<16>>& in, hls::stream<ap_uint<16>>& out) {
  for (int i = 0; i < 10; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(in.read() % 10);
  }
}
// EXPECT: 10: division
