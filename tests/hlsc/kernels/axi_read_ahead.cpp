// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Requests run ahead of the data; bursts of lengths that change, some over 4 KiB boundaries.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

typedef ap_uint<512> Beat;
void axi_read_ahead(hls::burst_maxi<Beat> source, hls::stream<ap_uint<64>>& out, ap_uint<32> n) {
#pragma HLS INTERFACE m_axi port = source bundle = gmem offset = slave
  const ap_uint<32> length = 21;
  ap_uint<32> requested = 0;
request_ahead:
  for (int r = 0; r < 4; ++r) {
    if (requested < n) {
      source.read_request(requested * length, length);
      ++requested;
    }
  }
  ap_uint<32> beat = 0;
read_beats:
  for (ap_uint<32> t = 0; t < n * length; ++t) {
#pragma HLS PIPELINE II = 1
    if (beat == 0 && requested < n) {
      source.read_request(requested * length, length);
      ++requested;
    }
    const Beat word = source.read();
    out.write(ap_uint<64>(word.range(63, 0)) ^ ap_uint<64>(word.range(511, 448)));
    beat = beat + 1 == length ? ap_uint<32>(0) : ap_uint<32>(beat + 1);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(axi_read_ahead, source, out, n) {
  const int n = run.Pick(0, 14);
  run.Scalar("n", n);
  run.Memory("source", 21 * n);
  run.MaxCycles(21 * n + 80);
}
#endif  // __HLSC__
