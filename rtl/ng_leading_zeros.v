// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_leading_zeros: zeros before the highest one of value_i, combinational. WIDTH is 2^BITS.
//
//   zeros_o   WIDTH − 1 when there is no one; any_o tells
module ng_leading_zeros #(
  parameter BITS = 5,
  parameter WIDTH = 32
) (
  input  wire [WIDTH-1:0] value_i,
  output wire [BITS-1:0]  zeros_o,
  output wire             any_o
);
  // A tree: of two halves the higher one counts unless it is 0.
  reg [WIDTH-1:0]      any;
  reg [BITS*WIDTH-1:0] zeros;
  integer l, i;
  always @* begin
    any = value_i;
    zeros = {BITS*WIDTH{1'b0}};
    for (l = 0; l < BITS; l = l + 1) begin
      for (i = 0; i < WIDTH >> (l + 1); i = i + 1) begin
        zeros[BITS*i +: BITS] = any[2*i+1] ? zeros[BITS*(2*i+1) +: BITS] : zeros[BITS*2*i +: BITS];
        zeros[BITS*i+l] = !any[2*i+1];
        any[i] = any[2*i] || any[2*i+1];
      end
    end
  end
  assign zeros_o = zeros[BITS-1:0];
  assign any_o = any[0];
endmodule
