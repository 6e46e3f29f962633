// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void endless_loop(hls::stream<int>& in, hls::stream<int>& out) {
  for (;;) {
#pragma HLS PIPELINE II = 1
    out.write(in.read());
  }
}
// EXPECT: 8: without an end
