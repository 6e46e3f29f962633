// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A pair of LUT rows beside a pair of DSP chains that gets the same operands: what lut_pair_test compares in every
// cycle.
//
//   a_even_i, a_odd_i   ng_dsp_pair; a_i: the same as ng_lut_rows takes them
//   lut_sums_o, dsp_sums_o   sums_o of either, in the upper half of those that are read late (LATE 1)
module lut_pair_cases (
  input  logic         clk_i,
  input  logic         ce_i,
  input  logic [15:0]  load_i,
  input  logic [15:0]  take_i,
  input  logic [33:0]  a_even_i,
  input  logic [33:0]  a_odd_i,
  input  logic [19:0]  a_i,
  input  logic [287:0] b_even_i,
  input  logic [287:0] b_odd_i,
  input  logic [11:0]  b_even_signs_i,
  input  logic [11:0]  b_odd_signs_i,
  input  logic [3:0]   read_i,
  input  logic [3:0]   late_read_i,
  input  logic         restart_i,
  input  logic         write_i,
  input  logic [3:0]   group_i,
  output logic [255:0] lut_sums_o,
  output logic [255:0] dsp_sums_o
);
  logic [15:0]  write, eight, read_half;
  logic [79:0]  write_at;
  logic [447:0] multiples;
  logic [63:0]  odd, negative;
  logic [319:0] b;
  ng_lut_control control (
    .clk_i, .ce_i, .load_i, .take_i, .write_o(write), .write_at_o(write_at), .eight_o(eight),
    .read_half_o(read_half)
  );
  ng_lut_rows rows (
    .clk_i, .ce_i, .load_i, .take_i, .eight_i(eight), .a_i, .multiples_o(multiples), .odd_o(odd),
    .negative_o(negative)
  );
  ng_lut_columns columns (.clk_i, .ce_i, .b_even_i, .b_odd_i, .b_o(b));

  for (genvar late = 0; late < 2; ++late) begin : gen_pair
    logic [135:0] wides;
    ng_lut_pair #(.LATE(late)) lut (
      .clk_i, .ce_i, .write_i(write), .write_at_i(write_at), .read_half_i(read_half),
      .multiples_i(multiples), .odd_i(odd), .negative_i(negative), .b_i(b), .read_i, .late_read_i,
      .restart_i, .store_i(write_i), .group_i, .sums_o(lut_sums_o[128*late +: 128])
    );
    ng_dsp_pair #(.LATE(late)) dsp (
      .clk_i, .ce_i, .split_i(1'b1), .wide_i(1'b0), .load_i, .take_i, .c_take_i(16'd0), .a_even_i, .a_odd_i,
      .c_even_i(19'd0), .c_odd_i(19'd0), .b_even_i, .b_odd_i, .b_low_i(16'd0), .b_even_bit_i(16'd0),
      .b_odd_bit_i(16'd0), .b_even_signs_i, .b_odd_signs_i, .read_i({1'b0, read_i}),
      .late_read_i({1'b0, late_read_i}), .restart_i, .write_i, .group_i({1'b0, group_i}),
      .sums_o(dsp_sums_o[128*late +: 128]), .wides_o(wides)
    );
    wire unused = ^wides;
  end
endmodule
