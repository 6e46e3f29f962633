// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_lut_add: x or its negative, plus y or its negative less one, combinational, in one LUT a bit and one carry
// chain: what is added is turned over in the adder's LUTs. Logic synthesis takes two LUTs a bit for it, so the
// primitives stand here.
//
//   x_negative_i, y_negative_i   the negative; of y the 1 that is missing is the next adder's to add
module ng_lut_add (
  input  wire       x_negative_i,
  input  wire       y_negative_i,
  input  wire [7:0] x_i,
  input  wire [7:0] y_i,
  output wire [9:0] sum_o
);
  wire [15:0] propagate, generated, total;
  wire [1:0]  carry;
  wire [7:0]  carry_out [0:1];
  assign carry = {carry_out[0][7], x_negative_i};
  genvar i;
  generate
    for (i = 0; i < 16; i = i + 1) begin : gen_bit
      if (i < 10) begin : gen_lut
        wire x, y;  // above are sign bits
        if (i < 8) assign {y, x} = {y_i[i], x_i[i]};
        else assign {y, x} = 2'b00;
        // O5: x turned over; O6: its parity with y turned over.
        LUT6_2 #(.INIT(64'h69966996_66666666)) lut (
          .O6(propagate[i]), .O5(generated[i]), .I0(x), .I1(x_negative_i), .I2(y), .I3(y_negative_i),
          .I4(1'b0), .I5(1'b1)
        );
      end else begin : gen_none
        assign {propagate[i], generated[i]} = 2'b00;
      end
    end
    for (i = 0; i < 2; i = i + 1) begin : gen_chain
      CARRY8 chain (
        .CO(carry_out[i]), .O(total[8*i +: 8]), .CI(carry[i]), .CI_TOP(1'b0), .DI(generated[8*i +: 8]),
        .S(propagate[8*i +: 8])
      );
    end
  endgenerate
  assign sum_o = total[9:0];

  wire unused = ^{carry_out[0], carry_out[1], total};
endmodule
