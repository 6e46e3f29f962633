// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void floating_point(hls::stream<int>& in, hls::stream<int>& out) {
  for (int i = 0; i < 10; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(static_cast<int>(static_cast<float>(in.read()) * 1.5f));
  }
}
// EXPECT: 10: floating point
