// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void pragma_unknown(hls::stream<int>& in, hls::stream<int>& out) {
#pragma HLS ALLOCATION operation instances=mul limit=1
  out.write(in.read() * 3);
}
// EXPECT: 8: ALLOCATION
