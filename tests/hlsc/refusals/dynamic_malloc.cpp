// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void dynamic_malloc(hls::stream<int>& in, hls::stream<int>& out) {
  int* value = static_cast<int*>(malloc(sizeof(int) * 4));
  value[in.read() & 3] = 1;
  out.write(value[2]);
  free(value);
}
// EXPECT: 9: dynamic allocation
