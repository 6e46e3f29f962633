// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Several accesses to a stream outside of pipelined loops keep their order.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void stream_sequence(hls::stream<ap_uint<16>>& in, hls::stream<ap_uint<16>>& out) {
  const ap_uint<16> a = in.read();
  const ap_uint<16> b = in.read();
  out.write(ap_uint<16>(a - b));
  const ap_uint<16> c = in.read();
  out.write(ap_uint<16>(c + 1));
  out.write(ap_uint<16>(a ^ c));
  if (a > b) out.write(in.read());
  out.write(42);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(stream_sequence, in, out) { run.Stream("in", 4); }
#endif  // __HLSC__
