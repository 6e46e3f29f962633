// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// The built-in integer types with each other and with ap_int, with C++'s promotions.
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void int_builtin(hls::stream<signed char>& c, hls::stream<unsigned short>& s, hls::stream<int>& i,
                 hls::stream<unsigned long long>& l, hls::stream<long long>& out) {
  for (int t = 0; t < 80; ++t) {
#pragma HLS PIPELINE II = 1
    const signed char x8 = c.read();
    const unsigned short x16 = s.read();
    const int x32 = i.read();
    const unsigned long long x64 = l.read();
    const unsigned char u8 = static_cast<unsigned char>(x8 * 3);
    long long result = x8 * x16 + u8;
    result ^= static_cast<long long>(x64 >> 3) + (x32 < x8 ? x32 >> 5 : x16 << 9);
    result += static_cast<long long>(ap_int<50>(x32 * ap_int<18>(x16)));
    result -= ap_uint<12>(x64).to_int();
    out.write(result);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_builtin, c, s, i, l, out) {
  run.Stream("c", 80);
  run.Stream("s", 80);
  run.Stream("i", 80);
  run.Stream("l", 80);
}
#endif  // __HLSC__
