// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

int total = 0;
void global_variable(hls::stream<int>& in, hls::stream<int>& out) {
  for (int i = 0; i < 10; ++i) total += in.read();
  out.write(total);
}
// EXPECT: 9: 'total'
