// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void division_by_variable(hls::stream<ap_uint<16>>& a, hls::stream<ap_uint<16>>& b,
                          hls::stream<ap_uint<16>>& out) {
  for (int i = 0; i < 10; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<16> x = a.read(), y = b.read();
    out.write(x / y);
  }
}
// EXPECT: 12: division
