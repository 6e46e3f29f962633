// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_scale_lanes: what follows the exact sums of a block, one group of columns a cycle: the lanes that
// scale them and add them to the FP32 accumulators (ng_scale_add), and the two buffers of results.
//
//   enter_i, group_i   sums_i is that group; with it a_scales_i and b_scales_i, opening_i (the tile's
//                 first block), final_i (its last one, whose results go to buffer half_i)
//   sums_i        {NaN, -infinity, +infinity among the products, sum} of every row, column by column
//                 is_raw_i: they are results as they are. With two SOURCES there are two such words
//                 and later_i says that the group is in the upper one
//   send_i        of group send_group_i in result buffer drain_half_i the word send_part_i goes to
//                 word_o, which holds it
//
// A group is GROUP_COLS columns; its results are stored LATENCY cycles after it has entered, raw ones at once.
//   SUM, POWERS, SOURCES   ng_scale_add
module ng_scale_lanes #(
  parameter ROWS = 32,
  parameter GROUP_COLS = 2,
  parameter LANES = 16,
  parameter GROUPS = 16,
  parameter LATENCY = 17,
  parameter SUM = 72,
  parameter POWERS = 0,
  parameter SOURCES = 1
) (
  input  wire                                clk_i,
  input  wire                                ce_i,
  input  wire                                is_raw_i,
  input  wire                                is_float_i,
  input  wire [11:0]                         sum_exponent_i,
  input  wire                                enter_i,
  input  wire [$clog2(GROUPS)-1:0]           group_i,
  input  wire                                opening_i,
  input  wire                                final_i,
  input  wire                                half_i,
  input  wire                                later_i,
  input  wire [SOURCES*(SUM+3)*ROWS*GROUP_COLS-1:0] sums_i,
  input  wire [36*ROWS-1:0]                  a_scales_i,
  input  wire [36*GROUP_COLS-1:0]            b_scales_i,
  input  wire                                send_i,
  input  wire                                drain_half_i,
  input  wire [$clog2(GROUPS)-1:0]           send_group_i,
  input  wire [7:0]                          send_part_i,
  output wire [32*LANES-1:0]                 word_o
);
  localparam SCALE_LANES = GROUP_COLS * ROWS;

  // What travels with a group: where its accumulators are read and where its results go.
  localparam READ = 8;  // the stage that waits for the accumulator
  localparam GROUP_BITS = $clog2(GROUPS);
  reg [GROUP_BITS-1:0] group_at [0:LATENCY-1];
  reg [LATENCY-1:0] opening_at, final_at, half_at, valid_at;
  integer i;
  always @(posedge clk_i) begin
    if (ce_i) begin
      group_at[0] <= group_i;
      for (i = 1; i < LATENCY; i = i + 1) group_at[i] <= group_at[i-1];
      opening_at <= {opening_at[LATENCY-2:0], opening_i};
      final_at <= {final_at[LATENCY-2:0], final_i};
      half_at <= {half_at[LATENCY-2:0], half_i};
      valid_at <= {valid_at[LATENCY-2:0], enter_i};
    end
  end

  reg  [32*SCALE_LANES-1:0] accumulator [0:GROUPS-1];
  reg  [32*SCALE_LANES-1:0] result [0:2*GROUPS-1];
  wire [32*SCALE_LANES-1:0] prior = accumulator[group_at[READ-1]];
  wire [32*SCALE_LANES-1:0] updated;
  localparam LAST = LATENCY - 1;
  wire       store = is_raw_i ? valid_at[0] : valid_at[LAST];
  wire       store_final = is_raw_i ? final_at[0] : final_at[LAST];
  wire       store_half = is_raw_i ? half_at[0] : half_at[LAST];
  wire [GROUP_BITS-1:0] store_group = is_raw_i ? group_at[0] : group_at[LAST];
  always @(posedge clk_i) begin
    if (ce_i && store) begin
      if (store_final) result[{store_half, store_group}] <= updated;
      else accumulator[store_group] <= updated;
    end
  end

  genvar lc, lr, ls;
  generate
    for (lc = 0; lc < GROUP_COLS; lc = lc + 1) begin : gen_column
      for (lr = 0; lr < ROWS; lr = lr + 1) begin : gen_row
        wire [SOURCES*SUM-1:0] sum;
        wire [3*SOURCES-1:0]   special;
        wire unused = ^special;
        for (ls = 0; ls < SOURCES; ls = ls + 1) begin : gen_source
          assign {special[3*ls +: 3], sum[SUM*ls +: SUM]} =
              sums_i[(SUM+3)*(SCALE_LANES*ls+ROWS*lc+lr) +: SUM+3];
        end
        ng_scale_add #(.SUM(SUM), .POWERS(POWERS), .SOURCES(SOURCES)) lane (
          .clk_i(clk_i),
          .ce_i(ce_i),
          .is_raw_i(is_raw_i),
          .is_float_i(is_float_i),
          .sum_exponent_i(sum_exponent_i),
          .later_i(later_i),
          .sum_i(sum),
          .special_i(special[2:0]),  // where there are more sources they have none
          .a_scale_i(a_scales_i[36*lr +: 36]),
          .b_scale_i(b_scales_i[36*lc +: 36]),
          .accumulator_i(prior[32*(ROWS*lc + lr) +: 32]),
          .opening_i(opening_at[READ-1]),
          .result_o(updated[32*(ROWS*lc + lr) +: 32])
        );
      end
    end
  endgenerate

  // Output: one word of a group of results.
  wire [32*SCALE_LANES-1:0] send_results = result[{drain_half_i, send_group_i}];
  reg  [32*LANES-1:0]       out;
  always @(posedge clk_i) begin
    if (ce_i && send_i) out <= send_results[32*LANES*{24'd0, send_part_i} +: 32*LANES];
  end
  assign word_o = out;
endmodule
