// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// LUT6_2: a behavioural model of the UltraScale look-up table with two outputs (UG974): O5 is the lower
// half of INIT at I4…I0, O6 the upper half where I5 is high. Synthesis takes the vendor's primitive.
`ifndef SYNTHESIS
module LUT6_2 #(
  parameter bit [63:0] INIT = 64'd0
) (
  output wire O6,
  output wire O5,
  input  wire I0,
  input  wire I1,
  input  wire I2,
  input  wire I3,
  input  wire I4,
  input  wire I5
);
  assign O5 = INIT[{1'b0, I4, I3, I2, I1, I0}];
  assign O6 = INIT[{I5, I4, I3, I2, I1, I0}];
endmodule
`endif
