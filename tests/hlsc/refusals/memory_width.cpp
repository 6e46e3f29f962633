// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void memory_width(hls::burst_maxi<ap_uint<24>> memory, hls::stream<ap_uint<24>>& out) {
#pragma HLS INTERFACE m_axi port = memory bundle = gmem offset = slave
  memory.read_request(0, 1);
  out.write(memory.read());
}
// EXPECT: 7: 24
