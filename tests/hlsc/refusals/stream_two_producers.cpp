// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static void make_a(hls::stream<ap_uint<8>>& out, int n) {
  for (int i = 0; i < n; ++i) out.write(ap_uint<8>(i));
}
static void make_b(hls::stream<ap_uint<8>>& out, int n) {
  for (int i = 0; i < n; ++i) out.write(ap_uint<8>(255 - i));
}
static void take(hls::stream<ap_uint<8>>& in, hls::stream<ap_uint<8>>& out, int n) {
  for (int i = 0; i < 2 * n; ++i) out.write(in.read());
}
void stream_two_producers(hls::stream<ap_uint<8>>& out, int n) {
#pragma HLS DATAFLOW
  hls::stream<ap_uint<8>> both;
  make_a(both, n);
  make_b(both, n);
  take(both, out, n);
}
// EXPECT: 20: stream 'both'
