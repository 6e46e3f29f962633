// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void stream_variable_index(hls::stream<ap_uint<8>> (&in)[4], hls::stream<ap_uint<8>>& out, int n) {
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(in[i & 3].read());
  }
}
// EXPECT: 10: which stream
