// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void pipeline_outside_loop(hls::stream<int>& in, hls::stream<int>& out) {
#pragma HLS PIPELINE II = 1
  out.write(in.read() + 1);
}
// EXPECT: 8: PIPELINE outside a loop
