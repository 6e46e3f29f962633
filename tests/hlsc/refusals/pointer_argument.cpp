// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void pointer_argument(hls::stream<int>& in, int* result) {
  *result = in.read();
}
// EXPECT: 8: hls::burst_maxi
