// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

static int Add(int a, int b) { return a + b; }
static int Subtract(int a, int b) { return a - b; }
void function_pointer(hls::stream<int>& in, hls::stream<int>& out) {
  int (*operation)(int, int) = in.read() > 0 ? Add : Subtract;
  out.write(operation(in.read(), 5));
}
// EXPECT: 11: function pointer
