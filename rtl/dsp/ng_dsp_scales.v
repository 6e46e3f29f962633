// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_dsp_scales: the scales of a block on their way to the lanes, three stages, because the sums they
// belong to come more than 16 cycles after them, and the next block's may come after 16.
//
//   take_i        a_scales_i and b_scales_i are a block's; one (significand 1, exponent 0) is taken for
//                 an operand that has none (a_scaled_i, b_scaled_i low)
//   a_nan_i, b_nan_i   with take_i, of every row and column: its block holds a NaN, and so its scale is one
//   second_i, third_i   they move on; third_i with the cycle before the block's first group enters
//   enter_i       a group enters: the next one's columns come next
//   a_scales_o, b_scales_o   of every row, and of the group's columns
//   POWERS        1: they are powers of two, of which exponent and NaN are kept
module ng_dsp_scales #(
  parameter ROWS = 32,
  parameter COLS = 32,
  parameter GROUP_COLS = 2,
  parameter POWERS = 0
) (
  input  wire                     clk_i,
  input  wire                     ce_i,
  input  wire                     take_i,
  input  wire                     a_scaled_i,
  input  wire                     b_scaled_i,
  input  wire [36*ROWS-1:0]       a_scales_i,
  input  wire [36*COLS-1:0]       b_scales_i,
  input  wire [ROWS-1:0]          a_nan_i,
  input  wire [COLS-1:0]          b_nan_i,
  input  wire                     second_i,
  input  wire                     third_i,
  input  wire                     enter_i,
  output wire [36*ROWS-1:0]       a_scales_o,
  output wire [36*GROUP_COLS-1:0] b_scales_o
);
  localparam KEPT = (POWERS != 0) ? 11 : 36;
  localparam LOW = (POWERS != 0) ? 24 : 0;  // the lowest bit that is kept
  localparam NAN = 34 - LOW;
  localparam [35:0] ONE = 36'd1;
  wire [KEPT*ROWS-1:0] a_kept;
  wire [KEPT*COLS-1:0] b_kept;
  genvar i;
  generate
    for (i = 0; i < ROWS; i = i + 1) begin : gen_row
      assign a_kept[KEPT*i +: KEPT] = a_scales_i[36*i+LOW +: KEPT];
    end
    for (i = 0; i < COLS; i = i + 1) begin : gen_column
      assign b_kept[KEPT*i +: KEPT] = b_scales_i[36*i+LOW +: KEPT];
    end
  endgenerate

  reg [KEPT*ROWS-1:0] a1, a2, a3;
  reg [KEPT*COLS-1:0] b1, b2, b3;
  wire take = ce_i && take_i;
  integer n;
  always @(posedge clk_i) begin
    if (take && !a_scaled_i) a1 <= {ROWS{ONE[LOW +: KEPT]}};
    else if (take) a1 <= a_kept;
    if (take && !b_scaled_i) b1 <= {COLS{ONE[LOW +: KEPT]}};
    else if (take) b1 <= b_kept;
    if (take) begin
      for (n = 0; n < ROWS; n = n + 1) a1[KEPT*n+NAN] <= a_nan_i[n] || (a_scaled_i && a_kept[KEPT*n+NAN]);
      for (n = 0; n < COLS; n = n + 1) b1[KEPT*n+NAN] <= b_nan_i[n] || (b_scaled_i && b_kept[KEPT*n+NAN]);
    end
    if (ce_i && second_i) {a2, b2} <= {a1, b1};
    if (ce_i && third_i) {a3, b3} <= {a2, b2};
    else if (ce_i && enter_i) b3 <= b3 >> (KEPT * GROUP_COLS);
  end
  generate
    for (i = 0; i < ROWS; i = i + 1) begin : gen_a
      if (POWERS != 0) assign a_scales_o[36*i +: 36] = {1'b0, a3[KEPT*i +: KEPT], 24'd1};
      else assign a_scales_o[36*i +: 36] = a3[KEPT*i +: KEPT];
    end
    for (i = 0; i < GROUP_COLS; i = i + 1) begin : gen_b
      if (POWERS != 0) assign b_scales_o[36*i +: 36] = {1'b0, b3[KEPT*i +: KEPT], 24'd1};
      else assign b_scales_o[36*i +: 36] = b3[KEPT*i +: KEPT];
    end
  endgenerate

  wire unused = ^{a_scales_i, b_scales_i};
endmodule
