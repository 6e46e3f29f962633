// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// A struct as the payload of a stream between processes; no scalars at all.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

struct Sample {
  ap_int<11> value;
  ap_uint<3> tag;
  bool last;
};
static void struct_tag(hls::stream<ap_int<11>>& in, hls::stream<Sample>& out) {
  ap_uint<3> tag = 0;
  for (int i = 0; i < 45; ++i) {
#pragma HLS PIPELINE II = 1
    Sample sample;
    sample.value = in.read();
    sample.tag = tag++;
    sample.last = i == 44;
    out.write(sample);
  }
}
static void struct_use(hls::stream<Sample>& in, hls::stream<ap_int<15>>& out) {
  bool last = false;
  while (!last) {
#pragma HLS PIPELINE II = 1
    const Sample sample = in.read();
    last = sample.last;
    out.write(sample.value * (sample.tag + 1));
  }
}
void dataflow_struct_stream(hls::stream<ap_int<11>>& in, hls::stream<ap_int<15>>& out) {
#pragma HLS DATAFLOW
  hls::stream<Sample> samples("samples");
  struct_tag(in, samples);
  struct_use(samples, out);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(dataflow_struct_stream, in, out) { run.Stream("in", 45); }
#endif  // __HLSC__
