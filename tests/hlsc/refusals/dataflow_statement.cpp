// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static void pass(hls::stream<int>& in, hls::stream<int>& out, int n) {
  for (int i = 0; i < n; ++i) out.write(in.read());
}
void dataflow_statement(hls::stream<int>& in, hls::stream<int>& out, int n) {
#pragma HLS DATAFLOW
  hls::stream<int> between;
  if (n > 3) {
    pass(in, between, n);
  }
  pass(between, out, n);
}
// EXPECT: 14: DATAFLOW
