// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_dsp_widen: an element of a kFloat product as an integer of 19 bits in units of 2^lsb, combinational.
//
//   shifted_i   whether the element has an exponent field of its own (E3M2, E4M3)
//   code_i      shifted: {exponent less 1 or 0, 4 bits; signed significand, 5 bits}; else a byte in bits 0…7
//   value_o     the significand, or the byte, times 2^exponent
module ng_dsp_widen (
  input  wire        shifted_i,
  input  wire [8:0]  code_i,
  output wire [18:0] value_o
);
  wire [7:0]  fine = shifted_i ? {{3{code_i[4]}}, code_i[4:0]} << code_i[6:5] : code_i[7:0];
  wire [18:0] whole = {{11{fine[7]}}, fine};
  assign value_o = whole << {code_i[8:7] & {2{shifted_i}}, 2'b00};
endmodule
