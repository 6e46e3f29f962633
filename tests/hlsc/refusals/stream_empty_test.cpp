// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void stream_empty_test(hls::stream<ap_uint<8>>& in, hls::stream<ap_uint<8>>& out) {
  while (!in.empty()) out.write(in.read());
}
// EXPECT: 8: empty
