// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void volatile_access(hls::stream<int>& in, hls::stream<int>& out) {
  volatile int value = in.read();
  out.write(value + value);
}
// EXPECT: 8: volatile
