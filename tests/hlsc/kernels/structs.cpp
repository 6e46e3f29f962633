// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Structs with members, methods and arrays, passed and returned by value.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

struct Complex {
  ap_int<12> re, im;
  Complex operator*(const Complex& o) const {
    Complex r;
    r.re = (re * o.re - im * o.im) >> 6;
    r.im = (re * o.im + im * o.re) >> 6;
    return r;
  }
};
struct Window {
  Complex taps[3];
  int filled;
  void Push(const Complex& c) {
    taps[2] = taps[1];
    taps[1] = taps[0];
    taps[0] = c;
    if (filled < 3) ++filled;
  }
};
static Complex Unpack(ap_uint<24> word) {
  Complex c;
  c.re = word.range(11, 0);
  c.im = word.range(23, 12);
  return c;
}
void structs(hls::stream<ap_uint<24>>& in, hls::stream<ap_uint<24>>& out) {
  Window window;
  for (int t = 0; t < 3; ++t) {
#pragma HLS UNROLL
    window.taps[t].re = t;
    window.taps[t].im = -t;
  }
  window.filled = 0;
  for (int i = 0; i < 50; ++i) {
#pragma HLS PIPELINE II = 1
    window.Push(Unpack(in.read()));
    const Complex product = window.taps[0] * window.taps[2];
    ap_uint<24> word = 0;
    word.range(11, 0) = product.re + window.filled;
    word.range(23, 12) = product.im;
    out.write(word);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(structs, in, out) { run.Stream("in", 50); }
#endif  // __HLSC__
