// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Scalars of one and of a few bits that the DATAFLOW function widens or computes with before it
// hands them to its processes: they keep their sign on the way.
#include <ap_int.h>
#include <hls_stream.h>

static void give(hls::stream<ap_int<40>>& out, ap_int<1> same, ap_int<24> widened, int built_in,
                 ap_int<9> sum, ap_uint<3> cut) {
  for (int i = 0; i < 3; ++i) {
#pragma HLS PIPELINE II = 3
    out.write(same * i + widened);
    out.write(ap_int<40>(built_in) * 5);
    out.write(sum + cut);
  }
}

static void add(hls::stream<ap_int<40>>& in, hls::stream<ap_int<48>>& out, ap_int<3> product) {
  for (int i = 0; i < 9; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(in.read() * product + (product < 0 ? -1000 : 1000));
  }
}

void dataflow_narrow_scalars(ap_int<1> one, ap_int<1> other, ap_int<4> four,
                             hls::stream<ap_int<48>>& out) {
#pragma HLS DATAFLOW
  hls::stream<ap_int<40>> between;
  give(between, one, one, other, four + one, four * four + other);
  add(between, out, one * other + other);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(dataflow_narrow_scalars, one, other, four, out) {
  run.Scalar("one", run.index() == 0 ? -1 : run.Pick(-1, 0));
  run.Scalar("other", run.index() == 1 ? -1 : run.Pick(-1, 0));
  run.RandomScalar("four");
}
#endif  // __HLSC__
