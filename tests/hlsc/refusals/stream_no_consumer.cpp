// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static void make_two(hls::stream<ap_uint<8>>& out, hls::stream<ap_uint<8>>& lost, int n) {
  for (int i = 0; i < n; ++i) {
    out.write(ap_uint<8>(i));
    lost.write(ap_uint<8>(i));
  }
}
void stream_no_consumer(hls::stream<ap_uint<8>>& out, int n) {
#pragma HLS DATAFLOW
  hls::stream<ap_uint<8>> lost;
  make_two(out, lost, n);
}
// EXPECT: 15: stream 'lost'
