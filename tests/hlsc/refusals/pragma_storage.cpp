// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void pragma_storage(hls::stream<int>& in, hls::stream<int>& out) {
  int memory[64];
#pragma HLS BIND_STORAGE variable = memory type = ram_2p impl = hbm
  for (int i = 0; i < 64; ++i) memory[i] = in.read();
  for (int i = 0; i < 64; ++i) out.write(memory[i]);
}
// EXPECT: 9: BIND_STORAGE impl=hbm
