// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void stream_two_reads(hls::stream<ap_uint<8>>& in, hls::stream<ap_uint<9>>& out) {
  for (int i = 0; i < 10; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<8> a = in.read();
    const ap_uint<8> b = in.read();
    out.write(a + b);
  }
}
// EXPECT: 11: two accesses to stream 'in'
