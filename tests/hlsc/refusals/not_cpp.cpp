// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void not_cpp(hls::stream<int>& in, hls::stream<int>& out) {
  out.write(in.reed());
}
// EXPECT: 8: reed
