// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void floating_array(hls::stream<int>& in, hls::stream<int>& out) {
  double history[8];
  for (int i = 0; i < 8; ++i) history[i] = in.read();
  for (int i = 0; i < 8; ++i) out.write(static_cast<int>(history[7 - i]));
}
// EXPECT: 9: floating point
