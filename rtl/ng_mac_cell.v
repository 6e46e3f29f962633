// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_mac_cell: one cell of the MAC array. Exact sum of the products of a block, and a shadow of it
// that moves towards the lanes.
//
//   a_i, b_i      decoded lanes (ng_decode_lane) of the row and the column
//   multiply_i    the product of a_i and b_i is taken; align_i, sum_i: the stages after it move.
//                 first_i: in stage sum_i, of a block
//   copy_i        the sum and its specials become the shadow; shift_i: shadow_i does
//   shadow_o      {NaN, -infinity, +infinity among the products, sum}
//
// Three stages: product, aligned product, sum. SUM is 72: E5M2 · E5M2 in blocks of 32 needs 70 bits;
// integers use the low 32.
module ng_mac_cell #(
  parameter SUM = 72
) (
  input  wire            clk_i,
  input  wire            is_float_i,
  input  wire            is_nibble_i,
  input  wire [15:0]     a_i,
  input  wire [15:0]     b_i,
  input  wire            multiply_i,
  input  wire            align_i,
  input  wire            sum_i,
  input  wire            first_i,
  input  wire            copy_i,
  input  wire            shift_i,
  input  wire [SUM+2:0]  shadow_i,
  output wire [SUM+2:0]  shadow_o
);
  // NaNs and infinities have exponent 63.
  wire a_odd = (a_i[15:10] == 6'd63);
  wire b_odd = (b_i[15:10] == 6'd63);
  wire zero  = (a_i[9:0] == 10'd0) || (b_i[9:0] == 10'd0);  // or a NaN
  wire odd   = is_float_i && (a_odd || b_odd);
  wire negative = a_i[9] ^ b_i[9];

  reg signed [19:0] product;
  reg [6:0]         places;
  reg [2:0]         product_special, aligned_special, special;
  reg [SUM-1:0]     aligned, sum;
  reg [SUM+2:0]     shadow;

  always @(posedge clk_i) begin
    if (multiply_i) begin
      if (is_float_i) product <= $signed(a_i[9:0]) * $signed(b_i[9:0]);
      else
        product <= $signed(a_i[7:0]) * $signed(b_i[7:0]) +
                   (is_nibble_i ? $signed(a_i[15:8]) * $signed(b_i[15:8]) : 20'sd0);
      places <= is_float_i ? {1'b0, a_i[15:10]} + {1'b0, b_i[15:10]} : 7'd0;
      product_special <= !odd ? 3'b000 : zero ? 3'b100 : negative ? 3'b010 : 3'b001;
    end
    if (align_i) begin
      aligned <= (product_special != 3'b000) ? {SUM{1'b0}} :
                 {{(SUM-20){product[19]}}, product} << places;
      aligned_special <= product_special;
    end
    if (sum_i) begin
      sum <= first_i ? aligned : sum + aligned;
      special <= first_i ? aligned_special : special | aligned_special;
    end
    if (copy_i) shadow <= {special, sum};
    else if (shift_i) shadow <= shadow_i;
  end
  assign shadow_o = shadow;
endmodule
