// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_dsp_gated_add: (fresh_i ? 0 : x_i) + (choose_i ? z_i : y_i) + carry_i modulo 2^WIDTH, combinational, in
// one LUT a bit and one carry chain: the gated x_i is the LUT's second output. Logic synthesis takes two
// LUTs a bit for it, so the primitives stand here.
module ng_dsp_gated_add #(
  parameter WIDTH = 32
) (
  input  wire             fresh_i,
  input  wire             choose_i,
  input  wire [WIDTH-1:0] x_i,
  input  wire [WIDTH-1:0] y_i,
  input  wire [WIDTH-1:0] z_i,
  input  wire             carry_i,
  output wire [WIDTH-1:0] sum_o
);
  wire [WIDTH-1:0] propagate, generated;
  genvar i;
  generate
    for (i = 0; i < WIDTH; i = i + 1) begin : gen_bit
      // O5: x gated; O6: its parity with the chosen one.
      LUT6_2 #(.INIT(64'hF0CC5A66_0000AAAA)) lut (
        .O6(propagate[i]), .O5(generated[i]), .I0(x_i[i]), .I1(y_i[i]), .I2(z_i[i]), .I3(choose_i),
        .I4(fresh_i), .I5(1'b1)
      );
    end
    for (i = 0; i < (WIDTH + 7) / 8; i = i + 1) begin : gen_chain
      localparam BITS = (WIDTH - 8*i < 8) ? WIDTH - 8*i : 8;
      wire [7:0] sum, carry_out;
      wire       carry_in;
      if (i == 0) assign carry_in = carry_i;
      else assign carry_in = gen_chain[i-1].carry_out[7];
      CARRY8 chain (
        .CO(carry_out), .O(sum), .CI(carry_in), .CI_TOP(1'b0),
        .DI({{(8-BITS){1'b0}}, generated[8*i +: BITS]}), .S({{(8-BITS){1'b0}}, propagate[8*i +: BITS]})
      );
      assign sum_o[8*i +: BITS] = sum[BITS-1:0];
      wire unused = ^{sum, carry_out};
    end
  endgenerate
endmodule
