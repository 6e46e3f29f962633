// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static int Ackermann(int m, int n) {
  return m == 0 ? n + 1 : n == 0 ? Ackermann(m - 1, 1) : Ackermann(m - 1, Ackermann(m, n - 1));
}
void recursion(hls::stream<ap_uint<8>>& in, hls::stream<ap_uint<32>>& out) {
  out.write(Ackermann(in.read(), 2));
}
// EXPECT: 7: recursive
