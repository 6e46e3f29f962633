// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_cut_codes: a word cut into the codes of COUNT lanes, combinational.
//
//   word_i    COUNT codes of 8, 6 or 4 bits from bit 0 on; in the kNibble class the 4-bit codes of the
//             next step of k follow
//   codes_o   of every lane {next step's 4-bit code, code in 8 bits}
module ng_cut_codes #(
  parameter COUNT = 32
) (
  input  wire [7:0]          element_i,
  input  wire [8*COUNT-1:0]  word_i,
  output wire [12*COUNT-1:0] codes_o
);
  wire is_four = (element_i >= 8'd2) && (element_i <= 8'd4);
  wire is_six  = (element_i == 8'd5) || (element_i == 8'd6);
  genvar i;
  generate
    for (i = 0; i < COUNT; i = i + 1) begin : gen_lane
      assign codes_o[12*i +: 8] = is_four ? {4'd0, word_i[4*i +: 4]} :
                                  is_six ? {2'd0, word_i[6*i +: 6]} : word_i[8*i +: 8];
      assign codes_o[12*i+8 +: 4] = word_i[4*(COUNT+i) +: 4];
    end
  endgenerate
endmodule
