// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void pragma_option(hls::stream<int>& in, hls::stream<int>& out) {
  int values[8];
#pragma HLS ARRAY_PARTITION variable=values diagonal factor=2
  for (int i = 0; i < 8; ++i) values[i] = in.read();
  for (int i = 0; i < 8; ++i) out.write(values[7 - i]);
}
// EXPECT: 9: ARRAY_PARTITION
