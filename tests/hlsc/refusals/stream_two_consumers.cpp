// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static void make(hls::stream<ap_uint<8>>& out, int n) {
  for (int i = 0; i < n; ++i) out.write(ap_uint<8>(i));
}
static void take_a(hls::stream<ap_uint<8>>& in, hls::stream<ap_uint<8>>& out, int n) {
  for (int i = 0; i < n; i += 2) out.write(in.read());
}
static void take_b(hls::stream<ap_uint<8>>& in, hls::stream<ap_uint<8>>& out, int n) {
  for (int i = 1; i < n; i += 2) out.write(in.read());
}
void stream_two_consumers(hls::stream<ap_uint<8>>& a, hls::stream<ap_uint<8>>& b, int n) {
#pragma HLS DATAFLOW
  hls::stream<ap_uint<8>> one;
  make(one, n);
  take_a(one, a, n);
  take_b(one, b, n);
}
// EXPECT: 21: stream 'one'
