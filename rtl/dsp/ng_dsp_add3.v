// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_dsp_add3: x + y + z + carries modulo 2^WIDTH, combinational, in one LUT a bit and one carry chain: each
// LUT reduces three bits to a sum and a carry (its second output), and adds the carry of the bit before.
// Logic synthesis finds no such adders in a sum of three, so the primitives stand here.
module ng_dsp_add3 #(
  parameter WIDTH = 13
) (
  input  wire [WIDTH-1:0] x_i,
  input  wire [WIDTH-1:0] y_i,
  input  wire [WIDTH-1:0] z_i,
  input  wire [1:0]       carry_i,
  output wire [WIDTH-1:0] sum_o
);
  localparam CHAINS = (WIDTH + 7) / 8;
  wire [WIDTH:0]      carry;   // of three bits, into the bit above
  wire [8*CHAINS-1:0] propagate, generated, total;
  assign carry[0] = carry_i[1];
  genvar i;
  generate
    for (i = 0; i < 8 * CHAINS; i = i + 1) begin : gen_bit
      if (i < WIDTH) begin : gen_lut
        // O5: the majority of the three; O6: their parity and the carry's.
        LUT6_2 #(.INIT(64'h69966996_E8E8E8E8)) lut (
          .O6(propagate[i]), .O5(carry[i+1]), .I0(x_i[i]), .I1(y_i[i]), .I2(z_i[i]), .I3(carry[i]),
          .I4(1'b0), .I5(1'b1)
        );
        assign generated[i] = carry[i];
      end else begin : gen_none
        assign propagate[i] = 1'b0;
        assign generated[i] = 1'b0;
      end
    end
    for (i = 0; i < CHAINS; i = i + 1) begin : gen_chain
      wire [7:0] carry_out;
      wire       carry_in;
      if (i == 0) assign carry_in = carry_i[0];
      else assign carry_in = gen_chain[i-1].carry_out[7];
      CARRY8 chain (
        .CO(carry_out), .O(total[8*i +: 8]), .CI(carry_in), .CI_TOP(1'b0),
        .DI(generated[8*i +: 8]), .S(propagate[8*i +: 8])
      );
      wire unused = ^carry_out;
    end
  endgenerate
  assign sum_o = total[WIDTH-1:0];

  wire unused = ^{carry[WIDTH], total};
endmodule
