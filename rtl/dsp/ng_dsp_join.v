// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_dsp_join: the two parts of a sum of wide products put together, one stage: value_o = low + rest · 2^18.
//
//   parts_i   {rest, 36 bits signed; low, 32 bits unsigned} (ng_dsp_pair)
//   value_o   54 bits signed: a block of 2^17 − 1 products of 2^36 fits
module ng_dsp_join (
  input  wire        clk_i,
  input  wire        ce_i,
  input  wire [67:0] parts_i,
  output reg  [53:0] value_o
);
  always @(posedge clk_i) begin
    if (ce_i) value_o <= {parts_i[67:32] + {22'd0, parts_i[31:18]}, parts_i[17:0]};
  end
endmodule
