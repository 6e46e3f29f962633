// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

void other_name(hls::stream<int>& in, hls::stream<int>& out) { out.write(in.read()); }
// EXPECT: 1: top_missing
