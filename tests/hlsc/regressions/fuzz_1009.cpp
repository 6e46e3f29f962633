// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// hlsc: --clock 50
//
// Random kernel of seed 1009: of two reads of a RAM one looked at fewer bits of the word, and the
// register behind it was declared with those of the other (Verilator -Wall).
#include <ap_int.h>
#include <hls_stream.h>

void fuzz_1009(hls::stream<ap_uint<17>>& a0, hls::stream<ap_int<100>>& a1,
               hls::stream<ap_int<4>>& a2, hls::stream<ap_uint<65>>& y0,
               hls::stream<ap_int<100>>& y1, ap_uint<5> n, ap_int<14> k) {
  ap_int<24> s0 = 2;
  ap_int<5> s1 = 6;
  ap_int<65> m2[8];
#pragma HLS ARRAY_PARTITION variable = m2 cyclic factor = 4
  for (int i3 = 0; i3 < 8; ++i3) {
#pragma HLS PIPELINE II = 1
    m2[i3] = ap_int<65>(i3 * 2089);
  }
  static const short m4[32] = {402,  305,  967, 872,  -48, 94,   540,  -736, 821,  -148, -447,
                               682,  989,  259, -810, 9,   -120, -898, -439, -631, 95,   325,
                               -312, -548, 271, -884, 484, 192,  290,  -100, 841,  815};
  for (ap_uint<7> i5 = 0; i5 < 16; ++i5) {
#pragma HLS PIPELINE II = 1
    const ap_uint<8> pi5 = ap_uint<8>(i5);
    ap_uint<17> x6 = 1;
    if ((int(i5) & 3) == 3) x6 = a0.read();
    ap_int<100> x7 = 0;
    if ((ap_uint<3>(x6.range(14, 12)) == 2)) x7 = a1.read();
    const ap_int<4> x8 = a2.read();
    const ap_int<8> t9 = ap_int<8>(((x6 & pi5) * (ap_uint<16>(11527) * ap_uint<1>(x8[2]))));
    const ap_uint<24> t10 = ap_uint<24>(s1);
    const ap_int<65> r11 = m2[int(i5) & 7];
    const ap_int<16> r12 = m4[ap_uint<5>(x7)];
    ap_int<15> v13 = 0;
    for (int l = 0; l < 2; ++l) {
#pragma HLS UNROLL
      const ap_int<7> lane = ap_uint<7>(k.range(7 * l + 6, 7 * l));
      v13 += lane * ap_int<4>(l - 3);
    }
    if ((ap_uint<3>(t10.range(5, 3)) == 1)) {
      y0.write(ap_uint<65>(
          ((((x8 < (v13 ^ r12)) && bool(k[4])) ? ap_int<16>(r12)
                                               : ap_int<16>(ap_uint<3>(t9.range(3, 1)))) *
           t10)));
    } else {
      y0.write(ap_uint<65>((x8 | x7)));
    }
    if ((((~ap_int<8>(t9)) >= (ap_uint<3>(2) * r12)) && (ap_uint<3>(r11.range(56, 54)) == 0))) {
      y1.write(ap_int<100>(((s1 | s0) | ((ap_uint<4>(r12.range(14, 11)) == (k - t10))
                                             ? ap_int<3>(ap_uint<2>(r12.range(9, 8)))
                                             : ap_int<3>(ap_int<1>(ap_uint<1>(t9.range(2, 2))))))));
    } else {
      y1.write(ap_int<100>((t10 + r12)));
    }
  }
  for (ap_uint<7> i14 = 0; i14 < 21; ++i14) {
#pragma HLS PIPELINE II = 1
    const ap_uint<8> pi14 = ap_uint<8>(i14);
    const ap_uint<17> x15 = a0.read();
    const ap_int<100> x16 = a1.read();
    const ap_int<4> x17 = a2.read();
    const ap_int<32> t18 = ap_int<32>(((s1 * k) ^ (pi14 - s1)));
    const ap_int<5> t19 = ap_int<5>(s0);
    const ap_int<32> t20 = ap_int<32>((t18 ^ ap_uint<49>(x16.range(55, 7))));
    const ap_int<65> r21 = m2[ap_uint<3>(x17)];
    const ap_int<16> r22 = m4[ap_uint<5>(x16)];
    ap_int<31> v23 = ap_int<31>(
        (((((t19 | ap_int<5>(ap_uint<5>(k.range(12, 8)))) == (k - ap_uint<12>(t18.range(22, 11))))
               ? ap_int<8>(x17)
               : ap_int<8>(ap_int<8>(44))) ==
          (bool(t18[4]) ? ap_int<14>(ap_uint<11>(819)) : ap_int<14>(k)))
             ? ap_int<18>(k)
             : ap_int<18>(x15)));
    if ((((ap_uint<7>(ap_int<7>(-19)), ap_uint<1>(ap_int<1>(ap_uint<1>(t20.range(26, 26)))))
              .get() == (ap_uint<7>(ap_uint<7>(70)) >> 1)) &&
         (ap_uint<3>(t19.range(4, 2)) == 7))) {
      v23 = ap_int<31>(((ap_uint<31>(746912073) - ap_int<4>(0)) + (v23 * s0)));
      if (bool(t20[1])) {
        v23 = ap_int<31>((~ap_int<31>((v23 & ap_uint<13>(7884)))));
        if ((((((~ap_int<32>(t18)) > ap_uint<8>(254)) ? ap_int<65>(r21) : ap_int<65>(t18)) >
              (t19 * r21)) &&
             (ap_uint<3>(v23.range(29, 27)) == 6))) {
          v23 = ap_int<31>((((((r22 * ap_int<3>(0)) < (ap_int<8>(-72) | x15)) && bool(t20[29]))
                                 ? ap_int<100>(x16)
                                 : ap_int<100>(t19)) -
                            (t18 - ap_uint<5>(13))));
        } else {
          v23 ^=
              ap_int<31>((ap_uint<3>(ap_uint<3>(k.range(5, 3))) >> ap_uint<2>(ap_uint<13>(4883))));
        }
        if (((ap_int<16>(ap_uint<16>(t18.range(26, 11))) | r21) <= (t20 ^ r21))) {
          v23 = ap_int<31>(k);
        }
      }
    } else {
      v23 = ap_int<31>((t20 + r21));
    }
    ap_uint<65> v27 = ap_uint<65>(
        (((s1 | x17) > (ap_uint<1>(ap_uint<1>(x15.range(14, 14))) >> ap_uint<7>(ap_int<12>(-319))))
             ? ap_int<4>(ap_uint<1>(x15[1]))
             : ap_int<4>(x17)));
    if (((bool(v27[26]) ? ap_int<3>(ap_int<1>(ap_uint<1>(t19.range(4, 4))))
                        : ap_int<3>(ap_int<3>(-3))) <= (t18 + r21))) {
      v27 =
          ap_uint<65>(((k & s1) ^ (((ap_uint<2>(ap_uint<2>(2)) % 2) <= (r22 - ap_uint<1>(pi14[5])))
                                       ? ap_uint<16>(ap_uint<2>(t19.range(1, 0)))
                                       : ap_uint<16>(ap_uint<16>(t18.range(21, 6))))));
    } else {
      v27 ^= ap_uint<65>(v27);
    }
    if (((ap_int<16>(r22) % 4) == (ap_int<31>(161391210) & ap_int<16>(25861))))
      y0.write(ap_uint<65>(((ap_uint<8>(pi14) >> 3) + (r22 ^ r21))));
    y1.write(ap_int<100>(((pi14 ^ r21) | pi14)));
    s0 ^= ap_int<24>(x17);
    s1 += ap_int<5>(x15);
  }
  y0.write(ap_uint<65>(s0));
  y0.write(ap_uint<65>(s1));
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(fuzz_1009, a0, a1, a2, y0, y1, n, k) {
  run.Scalar("n", run.Pick(0, 24));
  run.RandomScalar("k");
  run.Stream("a0", 37);
  run.Stream("a1", 37);
  run.Stream("a2", 37);
}
#endif  // __HLSC__
