// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void pipeline_variable_inner_loop(hls::stream<int>& in, hls::stream<int>& out, int n) {
  for (int i = 0; i < 10; ++i) {
#pragma HLS PIPELINE II = 1
    int sum = in.read();
    for (int j = 0; j < n; ++j) {
      sum = sum * 3 + (sum >> j);
    }
    out.write(sum);
  }
}
// EXPECT: 11: a loop inside a pipelined loop
