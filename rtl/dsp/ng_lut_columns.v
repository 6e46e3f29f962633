// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_lut_columns: the column operands of a set of 32 columns for its LUT rows: those that the DSPs get, as signs
// and magnitudes, three cycles later.
//
//   b_even_i, b_odd_i   ng_dsp_columns, when split: b0 + b1·2^11 of every place
//   b_o           for each place 5 bits {sign, magnitude} each of
//                 {step 1 column 1, step 1 column 0, step 0 column 1, step 0 column 0}
module ng_lut_columns (
  input  wire         clk_i,
  input  wire         ce_i,
  input  wire [287:0] b_even_i,
  input  wire [287:0] b_odd_i,
  output wire [319:0] b_o
);
  function [4:0] signed_size(input [4:0] value);
    signed_size = {value[4], value[4] ? 4'd0 - value[3:0] : value[3:0]};
  endfunction
  genvar p, s;
  generate
    for (p = 0; p < 16; p = p + 1) begin : gen_place
      for (s = 0; s < 2; s = s + 1) begin : gen_step
        wire [17:0] operand = (s == 1) ? b_odd_i[18*p +: 18] : b_even_i[18*p +: 18];
        reg  [4:0]  lower, upper;  // the upper one less what the lower one borrows from it
        reg  [9:0]  values, values_late;
        always @(posedge clk_i) begin
          if (ce_i) begin
            {upper, lower} <= {operand[15:11], operand[4:0]};
            values <= {signed_size(upper + {4'd0, lower[4]}), signed_size(lower)};
            values_late <= values;
          end
        end
        assign b_o[10*(2*p+s) +: 10] = values_late;
        wire unused = ^{operand[17:16], operand[10:5]};  // sign bits, when split
      end
    end
  endgenerate
endmodule
