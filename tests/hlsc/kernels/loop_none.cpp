// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// No loop at all: one value in, one value out.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void loop_none(hls::stream<ap_uint<12>>& in, hls::stream<ap_uint<13>>& out) {
  const ap_uint<12> a = in.read();
  out.write(a + ap_uint<12>(~a) + ap_uint<1>(a[3]));
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(loop_none, in, out) {
  run.Stream("in", 1);
  run.MaxCycles(30);
}
#endif  // __HLSC__
