// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void ram_too_many_ports(hls::stream<ap_uint<16>>& in, hls::stream<ap_uint<18>>& out) {
  ap_uint<16> ram[64];
  for (int i = 0; i < 64; ++i) {
#pragma HLS PIPELINE II = 1
    ram[i] = in.read();
  }
  for (int i = 0; i < 60; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(ram[i] + ram[(i * 7) & 63] + ram[(i * 5) & 63] + ram[(i * 3) & 63]);
  }
}
// EXPECT: 15: array 'ram' has
