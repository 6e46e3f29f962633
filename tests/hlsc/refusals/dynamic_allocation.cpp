// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void dynamic_allocation(hls::stream<int>& in, hls::stream<int>& out) {
  const int n = in.read();
  int* values = new int[n];
  for (int i = 0; i < n; ++i) values[i] = in.read();
  for (int i = 0; i < n; ++i) out.write(values[n - 1 - i]);
  delete[] values;
}
// EXPECT: 9: dynamic allocation
