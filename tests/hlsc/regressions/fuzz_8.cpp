// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// hlsc: --clock 50
//
// Random kernel of seed 8: the predicates of stores to an array that nobody reads were computed
// and left unused (Verilator -Wall).
#include <ap_int.h>
#include <hls_stream.h>

static void fuzz_8_stage0(hls::stream<ap_int<4>>& a0, hls::stream<ap_int<32>>& f1, ap_uint<5> n,
                          ap_int<14> k) {
  ap_int<13> s0 = 1;
  ap_int<21> s1 = 6;
  ap_int<5> m2[8];
#pragma HLS BIND_STORAGE variable = m2 type = ram_2p
  for (int i3 = 0; i3 < 8; ++i3) {
#pragma HLS PIPELINE II = 1
    m2[i3] = ap_int<5>(i3 * 6834);
  }
  for (unsigned i4 = 0; i4 < n; ++i4) {
#pragma HLS PIPELINE II = 1
    const ap_uint<8> pi4 = ap_uint<8>(i4);
    const ap_int<4> x5 = a0.read();
    const ap_int<32> t6 = ap_int<32>(
        ((ap_int<21>(((((ap_uint<3>(x5.range(3, 1)) * pi4) >= (ap_uint<1>(pi4.range(3, 3)) - x5)) &&
                       (ap_uint<3>(s0.range(9, 7)) == 7))
                          ? ap_int<21>(s1)
                          : ap_int<21>(pi4))) >>
          ap_uint<6>((ap_uint<1>(k[5]) ^ ap_uint<7>(k.range(11, 5))))) *
         ((ap_uint<21>(s1), ap_uint<10>(ap_uint<10>(k.range(11, 2)))).get() *
          (ap_uint<1>(ap_uint<1>(x5[0])) >> ap_int<5>(ap_uint<1>(s0.range(12, 12)))))));
    if ((int(i4) & 3) == 0) f1.write(ap_int<32>(s0));
    s0 = ap_int<13>(x5) < s0 ? ap_int<13>(x5) : s0;
    if ((ap_uint<3>(x5.range(3, 1)) == 4)) s1 = ap_int<21>(x5);
  }
}

static void fuzz_8_stage1(hls::stream<ap_int<32>>& f1, hls::stream<ap_int<9>>& y0, ap_uint<5> n,
                          ap_int<14> k) {
  ap_int<48> s0 = 3;
  ap_int<9> s1 = 1;
  ap_uint<31> s2 = 7;
  ap_uint<4> m3[32];
  for (int i4 = 0; i4 < 32; ++i4) {
#pragma HLS PIPELINE II = 1
    m3[i4] = ap_uint<4>(i4 * 3718);
  }
  ap_uint<9> m5[32];
#pragma HLS ARRAY_PARTITION variable = m5 cyclic factor = 2
  for (int i6 = 0; i6 < 32; ++i6) {
#pragma HLS PIPELINE II = 1
    m5[i6] = ap_uint<9>(i6 * 9130);
  }
  for (ap_uint<7> i7 = 0; i7 < n; ++i7) {
#pragma HLS PIPELINE II = 3
    const ap_uint<8> pi7 = ap_uint<8>(i7);
    ap_int<32> x8 = 1;
    if ((int(i7) & 3) == 0) x8 = f1.read();
    const ap_int<33> t9 =
        ap_int<33>((ap_int<32>((ap_int<4>(ap_uint<4>(pi7.range(3, 0))) & s2)) << 19));
    const ap_int<31> t10 = ap_int<31>(((ap_int<32>(x8) >> 21) & (ap_int<9>(s1) << ap_uint<4>(s2))));
    const ap_int<32> t11 =
        ap_int<32>(((ap_int<31>(654774695) - (ap_uint<8>(226) * ap_uint<1>(t9.range(32, 32)))) *
                    ((ap_uint<6>(x8.range(31, 26)) + s2) - t9)));
    const ap_uint<4> r12 = m3[int(i7) & 31];
    const ap_uint<9> r13 = m5[i7];
    m5[i7] = ap_uint<9>(r13 + x8);
    y0.write(ap_int<9>(((s1 | ap_uint<3>(r12.range(2, 0))) * (r12 | ap_int<31>(165313683)))));
    s0 = ap_int<48>(x8) < s0 ? ap_int<48>(x8) : s0;
    s1 ^= ap_int<9>(x8);
    s2 ^= ap_uint<31>(x8);
  }
}

void fuzz_8(hls::stream<ap_int<4>>& a0, hls::stream<ap_int<9>>& y0, ap_uint<5> n, ap_int<14> k) {
#pragma HLS DATAFLOW
  hls::stream<ap_int<32>> f1;
#pragma HLS STREAM variable = f1 depth = 16
  fuzz_8_stage0(a0, f1, n, k);
  fuzz_8_stage1(f1, y0, n, k);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(fuzz_8, a0, y0, n, k) {
  run.Scalar("n", run.Pick(0, 24));
  run.RandomScalar("k");
  run.Stream("a0", 24);
}
#endif  // __HLSC__
