// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void stream_both_directions(hls::stream<ap_uint<8>>& loop) {
  for (int i = 0; i < 10; ++i) {
    const ap_uint<8> value = loop.read();
    loop.write(ap_uint<8>(value + 1));
  }
}
// EXPECT: 10: both reads and writes stream 'loop'
