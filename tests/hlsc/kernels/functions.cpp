// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Functions with references, defaults, recursion of templates, lambdas and constexpr: all inlined.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

constexpr int Power(int base, int exponent) {
  return exponent == 0 ? 1 : base * Power(base, exponent - 1);
}
template <int kTerms>
struct Polynomial {
  static ap_int<32> At(ap_int<8> x) {
    return ap_int<32>(Polynomial<kTerms - 1>::At(x) * x + ap_int<8>(kTerms * 3 - 5));
  }
};
template <>
struct Polynomial<0> {
  static ap_int<32> At(ap_int<8>) { return 1; }
};
static void Swap(ap_int<32>& a, ap_int<32>& b) {
  const ap_int<32> c = a;
  a = b;
  b = c;
}
template <class T>
static T Maximum(T a, T b = T(17)) {
  return a < b ? b : a;
}
constexpr int kScale = Power(3, 4);
void functions(hls::stream<ap_int<8>>& in, hls::stream<ap_int<32>>& out) {
  ap_int<32> older = 0, newer = 1;
  for (int i = 0; i < 50; ++i) {
#pragma HLS PIPELINE II = 1
    const ap_int<8> x = in.read();
    ap_int<32> value = Polynomial<3>::At(x);
    Swap(value, newer);
    if (x[0]) Swap(older, newer);
    const auto scale = [&](ap_int<32> v) { return ap_int<32>(v + older * kScale); };
    out.write(Maximum<ap_int<32>>(scale(value)));
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(functions, in, out) { run.Stream("in", 50); }
#endif  // __HLSC__
