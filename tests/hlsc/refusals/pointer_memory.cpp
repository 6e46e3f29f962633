// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void pointer_memory(const int* memory, hls::stream<ap_uint<32>>& out) {
  for (int i = 0; i < 10; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(ap_uint<32>(memory[i]));
  }
}
// EXPECT: 10: hls::burst_maxi
