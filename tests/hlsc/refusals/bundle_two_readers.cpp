// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

typedef ap_uint<64> Word;
static void read_x(hls::burst_maxi<Word>& x, hls::stream<Word>& out, int n) {
  x.read_request(0, n);
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(x.read());
  }
}
static void read_y(hls::burst_maxi<Word>& y, hls::stream<Word>& out, int n) {
  y.read_request(0, n);
  for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(y.read());
  }
}
void bundle_two_readers(hls::burst_maxi<Word> x, hls::burst_maxi<Word> y, hls::stream<Word>& a,
                        hls::stream<Word>& b, int n) {
#pragma HLS INTERFACE m_axi port = x bundle = gmem offset = slave
#pragma HLS INTERFACE m_axi port = y bundle = gmem offset = slave
#pragma HLS DATAFLOW
  read_x(x, a, n);
  read_y(y, b, n);
}
// EXPECT: 28: bundle 'gmem'
