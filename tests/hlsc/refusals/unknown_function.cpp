// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

int elsewhere(int x);
void unknown_function(hls::stream<int>& in, hls::stream<int>& out) {
  out.write(elsewhere(in.read()));
}
// EXPECT: 9: elsewhere
