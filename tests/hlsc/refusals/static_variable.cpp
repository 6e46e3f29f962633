// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void static_variable(hls::stream<ap_uint<32>>& in, hls::stream<ap_uint<32>>& out) {
  static int calls = 0;
  ++calls;
  out.write(in.read() + calls);
}
// EXPECT: 9: 'calls'
