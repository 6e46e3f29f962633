// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void stream_unused_port(hls::stream<ap_uint<8>>& in, hls::stream<ap_uint<8>>& unused,
                        hls::stream<ap_uint<8>>& out) {
  out.write(in.read());
}
// EXPECT: 7: 'unused'
