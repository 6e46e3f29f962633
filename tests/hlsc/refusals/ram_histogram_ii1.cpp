// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void ram_histogram_ii1(hls::stream<ap_uint<8>>& in, hls::stream<ap_uint<16>>& out) {
  ap_uint<16> bins[256];
  for (int i = 0; i < 256; ++i) {
#pragma HLS PIPELINE II = 1
    bins[i] = 0;
  }
  for (int i = 0; i < 1000; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_uint<8> bin = in.read();
    bins[bin] = bins[bin] + 1;
  }
  for (int i = 0; i < 256; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(bins[i]);
  }
}
// EXPECT: 16: array 'bins'
