// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void interface_mode(hls::stream<int>& in, hls::stream<int>& out) {
#pragma HLS INTERFACE ap_fifo port = in
  out.write(in.read());
}
// EXPECT: 8: ap_fifo
