// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void stream_two_writes(hls::stream<ap_uint<8>>& in, hls::stream<ap_uint<8>>& out) {
  for (int i = 0; i < 10; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<8> a = in.read();
    if (a != 3) out.write(a);
    if (a[0]) out.write(ap_uint<8>(a + 1));
  }
}
// EXPECT: 12: two accesses to stream 'out'
