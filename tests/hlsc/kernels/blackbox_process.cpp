// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// An RTL process in DATAFLOW between two compiled ones.
// hlsc: --blackbox {dir}/blackbox/bb_group_sum.json
// The C model of blackbox/bb_group_sum.v: one sum for each group of `length` values.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void bb_group_sum(hls::stream<ap_uint<16>>& values, hls::stream<ap_uint<24>>& sums,
                  ap_uint<8> groups, ap_uint<8> length) {
  for (ap_uint<8> g = 0; g < groups; ++g) {
    ap_uint<24> sum = 0;
    for (ap_uint<8> i = 0; i < length; ++i) sum += values.read();
    sums.write(sum);
  }
}
static void box_feed(hls::stream<ap_uint<16>>& in, hls::stream<ap_uint<16>>& out, ap_uint<16> n) {
  for (ap_uint<16> i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(ap_uint<16>(in.read() ^ i));
  }
}
static void box_drain(hls::stream<ap_uint<24>>& in, hls::stream<ap_uint<25>>& out, ap_uint<8> n) {
  for (ap_uint<8> i = 0; i < n; ++i) {
#pragma HLS PIPELINE II = 1
    out.write(in.read() + i);
  }
}
void blackbox_process(hls::stream<ap_uint<16>>& in, hls::stream<ap_uint<25>>& out,
                      ap_uint<8> groups, ap_uint<8> length) {
#pragma HLS DATAFLOW
  hls::stream<ap_uint<16>> values;
  hls::stream<ap_uint<24>> sums;
  box_feed(in, values, ap_uint<16>(groups * length));
  bb_group_sum(values, sums, groups, length);
  box_drain(sums, out, groups);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(blackbox_process, in, out, groups, length) {
  const int groups = run.Pick(1, 8), length = run.Pick(1, 20);
  run.Scalar("groups", groups);
  run.Scalar("length", length);
  run.Stream("in", groups * length);
}
#endif  // __HLSC__
