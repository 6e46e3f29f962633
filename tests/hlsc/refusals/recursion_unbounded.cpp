// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static ap_uint<32> Forever(ap_uint<32> n) {
  return Forever(ap_uint<32>(n * 3 + 1)) ^ 5;
}
void recursion_unbounded(hls::stream<ap_uint<32>>& in, hls::stream<ap_uint<32>>& out) {
  out.write(Forever(in.read()));
}
// EXPECT: 7: recursive
