// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void pragma_misspelt(hls::stream<int>& in, hls::stream<int>& out) {
  for (int i = 0; i < 10; ++i) {
#pragma HLS PIPLINE II = 1
    out.write(in.read());
  }
}
// EXPECT: 9: PIPLINE
