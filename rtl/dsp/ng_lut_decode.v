// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_lut_decode: 4-bit codes to sign and magnitude, combinational, one LUT a bit.
//
//   is_uint4_i, is_e2m1_i   the element; neither: INT4
//   codes_i   COUNT codes
//   values_o  of each {sign, magnitude in 4 bits}: INT4, UINT4 - 8 (0 to 8), E2M1 in halves (0 to 12). A zero
//             may have a sign
module ng_lut_decode #(
  parameter COUNT = 4
) (
  input  wire               is_uint4_i,
  input  wire               is_e2m1_i,
  input  wire [4*COUNT-1:0] codes_i,
  output wire [5*COUNT-1:0] values_o
);
  function [4:0] value(input [3:0] code, input is_uint4, input is_e2m1);
    reg       negative;
    reg [3:0] integer4;
    begin
      negative = code[3] ^ is_uint4;
      integer4 = {negative, code[2:0]};
      if (!is_e2m1) value = {negative, negative ? 4'd0 - integer4 : integer4};
      else
        case (code[2:1])
          2'd0: value = {code[3], 3'd0, code[0]};
          2'd1: value = {code[3], 2'd0, 1'b1, code[0]};
          2'd2: value = {code[3], 1'b0, 1'b1, code[0], 1'b0};
          default: value = {code[3], 1'b1, code[0], 2'b00};
        endcase
    end
  endfunction
  genvar i;
  generate
    for (i = 0; i < COUNT; i = i + 1) begin : gen_code
      assign values_o[5*i +: 5] = value(codes_i[4*i +: 4], is_uint4_i, is_e2m1_i);
    end
  endgenerate
endmodule
