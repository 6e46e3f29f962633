// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
// Population counts, as far as all bits set, in sums that are wider than the count.
#include <ap_int.h>
#include <hls_stream.h>

void int_popcount(hls::stream<ap_uint<64>>& in, hls::stream<ap_uint<64>>& out) {
  unsigned long long total = 0;
  for (int i = 0; i < 40; ++i) {
#pragma HLS PIPELINE II = 2
    const unsigned long long x = i % 4 == 0 ? ~0ull : in.read().to_uint64();
    const unsigned low = static_cast<unsigned>(x);
    total += static_cast<unsigned long long>(__builtin_popcountll(x)) +
             (static_cast<unsigned long long>(__builtin_popcount(low & 3)) << 40) -
             static_cast<unsigned long long>(__builtin_popcount(low & 0xff));
    out.write(total);
  }
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(int_popcount, in, out) { run.Stream("in", 30); }
#endif  // __HLSC__
