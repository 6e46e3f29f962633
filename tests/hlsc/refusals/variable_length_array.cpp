// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void variable_length_array(hls::stream<int>& in, hls::stream<int>& out, int n) {
  int values[n];
  for (int i = 0; i < n; ++i) values[i] = in.read();
  for (int i = 0; i < n; ++i) out.write(values[n - 1 - i]);
}
// EXPECT: 8: variable size
