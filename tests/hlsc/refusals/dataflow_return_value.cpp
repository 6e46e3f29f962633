// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static int count(hls::stream<int>& in, hls::stream<int>& out, int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) {
    const int value = in.read();
    sum += value;
    out.write(value);
  }
  return sum;
}
static void add(hls::stream<int>& in, hls::stream<int>& out, int n, int sum) {
  for (int i = 0; i < n; ++i) out.write(in.read() + sum);
}
void dataflow_return_value(hls::stream<int>& in, hls::stream<int>& out, int n) {
#pragma HLS DATAFLOW
  hls::stream<int> between;
  const int sum = count(in, between, n);
  add(between, out, n, sum);
}
// EXPECT: 22: returns a value
