// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

struct Shape {
  virtual int Area(int x) const { return x; }
};
struct Square : Shape {
  int Area(int x) const override { return x * x; }
};
void virtual_call(hls::stream<int>& in, hls::stream<int>& out) {
  Shape shape;
  Square square;
  const Shape* any = in.read() > 0 ? &shape : static_cast<const Shape*>(&square);
  out.write(any->Area(in.read()));
}
// EXPECT: 17: function pointer
