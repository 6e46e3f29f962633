// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Reader, arithmetic and writer as processes; the bundle's two directions serve two arguments.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

typedef ap_uint<128> Vector;
static void axpy_read(hls::burst_maxi<Vector>& x, hls::stream<Vector>& out, int n) {
  for (int b = 0; b < n; ++b) {
    x.read_request(8 * b, 8);
    for (int i = 0; i < 8; ++i) {
#pragma HLS PIPELINE II = 1
      out.write(x.read());
    }
  }
}
static void axpy_compute(hls::stream<Vector>& in, hls::stream<Vector>& out, int n,
                         ap_int<16> alpha) {
  for (int i = 0; i < 8 * n; ++i) {
#pragma HLS PIPELINE II = 1
    const Vector word = in.read();
    Vector result = 0;
    for (int l = 0; l < 8; ++l) {
#pragma HLS UNROLL
      const ap_int<16> lane = word.range(16 * l + 15, 16 * l);
      result.range(16 * l + 15, 16 * l) = lane * alpha + l;
    }
    out.write(result);
  }
}
static void axpy_write(hls::stream<Vector>& in, hls::burst_maxi<Vector>& y, int n) {
  for (int b = 0; b < n; ++b) {
    y.write_request(8 * b, 8);
    for (int i = 0; i < 8; ++i) {
#pragma HLS PIPELINE II = 1
      y.write(in.read());
    }
    y.write_response();
  }
}
void axi_dataflow(hls::burst_maxi<Vector> x, hls::burst_maxi<Vector> y, int n, ap_int<16> alpha) {
#pragma HLS INTERFACE m_axi port = x bundle = gmem offset = slave
#pragma HLS INTERFACE m_axi port = y bundle = gmem offset = slave
#pragma HLS INTERFACE s_axilite port = n
#pragma HLS INTERFACE s_axilite port = alpha
#pragma HLS INTERFACE s_axilite port = return
#pragma HLS DATAFLOW
  hls::stream<Vector> in, out;
  axpy_read(x, in, n);
  axpy_compute(in, out, n, alpha);
  axpy_write(out, y, n);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(axi_dataflow, x, y, n, alpha) {
  const int n = run.Pick(0, 20);
  run.Scalar("n", n);
  run.RandomScalar("alpha");
  run.Memory("x", 8 * n);
  run.Memory("y", 8 * n);
}
#endif  // __HLSC__
