// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void stream_in_process(hls::stream<ap_uint<8>>& in, hls::stream<ap_uint<8>>& out) {
  hls::stream<ap_uint<8>> inside;
  for (int i = 0; i < 10; ++i) inside.write(in.read());
  for (int i = 0; i < 10; ++i) out.write(inside.read());
}
// EXPECT: 9: stream 'inside'
