// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_lut_rows: two LUT rows' operands for all columns: what is written to their tables, one multiple a cycle, by
// adding, and the bits beside the tables.
//
//   load_i, take_i, eight_i   ng_lut_control
//   a_i           with load_i, for the place that it names: 5 bits {sign, magnitude} each of
//                 {row 1 step 1, row 0 step 1, row 1 step 0, row 0 step 0}
//   Outputs have 4 operands for each place, in a_i's order.
//   multiples_o   7 bits each: the multiple that ng_lut_control has written now, but for its lowest bit
//   odd_o, negative_o   with the place's operands of ng_lut_columns: lowest bit and sign of the operand of that
//                 pass's window
module ng_lut_rows (
  input  wire         clk_i,
  input  wire         ce_i,
  input  wire [15:0]  load_i,
  input  wire [15:0]  take_i,
  input  wire [15:0]  eight_i,
  input  wire [19:0]  a_i,
  output wire [447:0] multiples_o,
  output wire [63:0]  odd_o,
  output wire [63:0]  negative_o
);
  genvar p, i;
  generate
    for (p = 0; p < 16; p = p + 1) begin : gen_place
      for (i = 0; i < 4; i = i + 1) begin : gen_operand
        reg        negative;
        reg  [3:0] size;
        reg  [7:0] multiple;  // at most 12 times 12
        wire [7:0] next;
        reg  [1:0] taken1, taken2, taken3;
        ng_dsp_gated_add #(.WIDTH(8)) add (
          .fresh_i(1'b0), .choose_i(eight_i[p]), .x_i(multiple), .y_i({4'd0, size}), .z_i({2'd0, size, 2'd0}),
          .carry_i(1'b0), .sum_o(next)
        );
        always @(posedge clk_i) begin
          if (load_i[p]) {negative, size} <= a_i[5*i +: 5];
          if (load_i[p]) multiple <= 8'd0;
          else if (ce_i) multiple <= next;
          if (take_i[p]) taken1 <= {negative, size[0]};
          if (ce_i) {taken3, taken2} <= {taken2, taken1};
        end
        assign multiples_o[7*(4*p+i) +: 7] = multiple[7:1];
        assign {negative_o[4*p+i], odd_o[4*p+i]} = taken3;
      end
    end
  endgenerate
endmodule
