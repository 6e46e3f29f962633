// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_mac_datapath: the arithmetic of mac_array, which sequences it: cells that sum the products of
// a block exactly, a shadow copy of the sums, and the lanes that scale and accumulate them in FP32
// (docs/seams.md, section 11).
//
//   load_i        a_i and b_i, a word of codes for the rows and for the columns, are decoded into the
//                 operand registers; load_first_i: the block's first word, with its zero-points
//   advance_i     the stages below may move; multiply_i, align_i, sum_i: they hold something
//   second_half_i of a kFloat step: odd rows (even rows come first)
//   first_i, last_i   in stage sum_i: of the block. `last_i` is there for a stand-in of this module.
//   copy_i        sums to the shadow, decoded scales of the block to the scale registers; opening_i:
//                 the tile's first block, final_i: its last one, whose results go to result buffer
//                 fill_half_i
//   enter_i       group_i of the shadow enters the lanes
//   send_i        word_i of result buffer drain_half_i goes to word_o, which holds it
//
// A cell sums in 72 bits (E5M2 · E5M2 in blocks of 32 needs 70); integers use the low 32. A group
// is COLS / GROUPS columns; it is in the result buffer LATENCY cycles after it has entered.
module ng_mac_datapath #(
  parameter ROWS = 32,
  parameter COLS = 32,
  parameter LANES = 16,
  parameter GROUPS = 16,
  parameter LATENCY = 12
) (
  input  wire                clk_i,
  input  wire                ce_i,
  input  wire                start_i,
  input  wire [11:0]         a_format_i,
  input  wire [11:0]         b_format_i,
  input  wire                is_float_i,
  input  wire                is_nibble_i,
  input  wire                is_raw_i,
  input  wire                a_scaled_i,
  input  wire                b_scaled_i,
  input  wire [11:0]         sum_exponent_i,
  input  wire                load_i,
  input  wire [8*ROWS-1:0]   a_i,
  input  wire [8*COLS-1:0]   b_i,
  input  wire                load_first_i,
  input  wire [8*ROWS-1:0]   a_zeros_i,
  input  wire [8*COLS-1:0]   b_zeros_i,
  input  wire                advance_i,
  input  wire                multiply_i,
  input  wire                second_half_i,
  input  wire                align_i,
  input  wire                sum_i,
  input  wire                first_i,
  input  wire                last_i,
  input  wire                copy_i,
  input  wire [36*ROWS-1:0]  a_scales_i,
  input  wire [36*COLS-1:0]  b_scales_i,
  input  wire                opening_i,
  input  wire                final_i,
  input  wire                fill_half_i,
  input  wire                enter_i,
  input  wire [3:0]          group_i,
  input  wire                send_i,
  input  wire                drain_half_i,
  input  wire [15:0]         word_i,
  output wire [32*LANES-1:0] word_o
);
  localparam SUM = 72;
  localparam GROUP_COLS = COLS / GROUPS;
  localparam SCALE_LANES = GROUP_COLS * ROWS;
  localparam GROUP_WORDS = SCALE_LANES / LANES;  // output words of a group

  // Cells. Columns come first in the indices: the rows of a column are neighbours.
  reg [15:0]            a1 [0:ROWS-1];
  reg [15:0]            b1 [0:COLS-1];
  /* verilator lint_off BLKSEQ */
  reg signed [19:0]     product [0:COLS-1][0:ROWS-1];
  reg [6:0]             places [0:COLS-1][0:ROWS-1];
  reg [2:0]             product_special [0:COLS-1][0:ROWS-1];  // {NaN, -infinity, +infinity}
  reg signed [SUM-1:0]  aligned [0:COLS-1][0:ROWS-1];
  reg [2:0]             aligned_special [0:COLS-1][0:ROWS-1];
  reg signed [SUM-1:0]  sum [0:COLS-1][0:ROWS-1];
  reg [2:0]             special [0:COLS-1][0:ROWS-1];
  reg signed [SUM-1:0]  shadow [0:COLS-1][0:ROWS-1];
  reg [2:0]             shadow_special [0:COLS-1][0:ROWS-1];
  /* verilator lint_on BLKSEQ */
  reg                   half2, half3;  // rows of this parity are in the stage

  // The special value of a kFloat product: of NaNs and infinities (exponent 63).
  function [2:0] special_of(input [15:0] a, input [15:0] b);
    reg a_odd, b_odd, a_zero, b_zero, negative;
    begin
      a_odd = (a[15:10] == 6'd63);
      b_odd = (b[15:10] == 6'd63);
      a_zero = (a[9:0] == 10'd0);  // a NaN when the exponent is 63
      b_zero = (b[9:0] == 10'd0);
      negative = a[9] ^ b[9];
      if (!a_odd && !b_odd) special_of = 3'b000;
      else if (a_zero || b_zero) special_of = 3'b100;
      else special_of = negative ? 3'b010 : 3'b001;
    end
  endfunction

  // The big arrays are written with blocking assignments: this is the only block that touches them,
  // and it goes from the last stage to the first, so each is read before it is written and the
  // registers are the same, while a simulator need not keep a second copy of them.
  wire [16*ROWS-1:0] a_lanes;
  wire [16*COLS-1:0] b_lanes;
  integer r, c;
  always @(posedge clk_i) begin
    if (ce_i && copy_i) begin
      for (c = 0; c < COLS; c = c + 1)
        for (r = 0; r < ROWS; r = r + 1) begin
          shadow[c][r] = sum[c][r];
          shadow_special[c][r] = special[c][r];
        end
    end
    if (ce_i && advance_i && sum_i) begin
      for (c = 0; c < COLS; c = c + 1)
        for (r = 0; r < ROWS; r = r + 1)
          if (!is_float_i || r[0] == half3) begin
            sum[c][r] = first_i ? aligned[c][r] : sum[c][r] + aligned[c][r];
            special[c][r] = first_i ? aligned_special[c][r] : special[c][r] | aligned_special[c][r];
          end
    end
    if (ce_i && advance_i && align_i) begin
      for (c = 0; c < COLS; c = c + 1)
        for (r = 0; r < ROWS; r = r + 1)
          if (!is_float_i || r[0] == half2) begin
            aligned[c][r] = (product_special[c][r] != 3'b000) ? {SUM{1'b0}} :
                            {{(SUM-20){product[c][r][19]}}, product[c][r]} << places[c][r];
            aligned_special[c][r] = product_special[c][r];
          end
    end
    if (ce_i && advance_i && multiply_i) begin
      for (c = 0; c < COLS; c = c + 1)
        for (r = 0; r < ROWS; r = r + 1)
          if (!is_float_i) begin
            product[c][r] = $signed(a1[r][7:0]) * $signed(b1[c][7:0]) +
                            (is_nibble_i ? $signed(a1[r][15:8]) * $signed(b1[c][15:8]) : 20'sd0);
            places[c][r] = 7'd0;
            product_special[c][r] = 3'b000;
          end else if (r[0] == second_half_i) begin
            product[c][r] = $signed(a1[r][9:0]) * $signed(b1[c][9:0]);
            places[c][r] = {1'b0, a1[r][15:10]} + {1'b0, b1[c][15:10]};
            product_special[c][r] = special_of(a1[r], b1[c]);
          end
    end
    if (ce_i && load_i) begin
      for (r = 0; r < ROWS; r = r + 1) a1[r] <= a_lanes[16*r +: 16];
      for (c = 0; c < COLS; c = c + 1) b1[c] <= b_lanes[16*c +: 16];
    end
    if (ce_i && advance_i) begin
      half2 <= second_half_i;
      half3 <= half2;
    end
  end

  ng_decode_lanes #(.COUNT(ROWS)) decode_a (
    .clk_i(clk_i), .load_i(ce_i && load_i), .first_i(load_first_i), .format_i(a_format_i),
    .is_float_i(is_float_i), .is_nibble_i(is_nibble_i), .codes_i(a_i), .zeros_i(a_zeros_i),
    .lanes_o(a_lanes)
  );
  ng_decode_lanes #(.COUNT(COLS)) decode_b (
    .clk_i(clk_i), .load_i(ce_i && load_i), .first_i(load_first_i), .format_i(b_format_i),
    .is_float_i(is_float_i), .is_nibble_i(is_nibble_i), .codes_i(b_i), .zeros_i(b_zeros_i),
    .lanes_o(b_lanes)
  );

  // Scales of the block in the shadow; one (significand 1, exponent 0) where there are none.
  reg [36*ROWS-1:0] a_scale;
  reg [36*COLS-1:0] b_scale;
  reg               opening, closing, half;
  always @(posedge clk_i) begin
    if (ce_i && copy_i) begin
      {opening, closing, half} <= {opening_i, final_i, fill_half_i};
      a_scale <= a_scaled_i ? a_scales_i : {ROWS{36'd1}};
      b_scale <= b_scaled_i ? b_scales_i : {COLS{36'd1}};
    end
  end

  // What travels with a group: where its accumulators are read and where its results go.
  localparam READ = 7;  // stages before the one that reads the accumulator
  reg [3:0] group_at [0:LATENCY-1];
  reg [LATENCY-1:0] opening_at, final_at, half_at, valid_at;
  integer i;
  always @(posedge clk_i) begin
    if (ce_i) begin
      group_at[0] <= group_i;
      for (i = 1; i < LATENCY; i = i + 1) group_at[i] <= group_at[i-1];
      opening_at <= {opening_at[LATENCY-2:0], opening};
      final_at <= {final_at[LATENCY-2:0], closing};
      half_at <= {half_at[LATENCY-2:0], half};
      valid_at <= {valid_at[LATENCY-2:0], enter_i};
    end
  end

  reg  [32*SCALE_LANES-1:0] accumulator [0:GROUPS-1];
  reg  [32*SCALE_LANES-1:0] result [0:2*GROUPS-1];
  wire [32*SCALE_LANES-1:0] prior = opening_at[READ-1] ? {32*SCALE_LANES{1'b0}} :
                                                          accumulator[group_at[READ-1]];
  wire [32*SCALE_LANES-1:0] updated;
  always @(posedge clk_i) begin
    if (ce_i && valid_at[LATENCY-1]) begin
      if (final_at[LATENCY-1]) result[{half_at[LATENCY-1], group_at[LATENCY-1]}] <= updated;
      else accumulator[group_at[LATENCY-1]] <= updated;
    end
  end

  genvar lc, lr;
  generate
    for (lc = 0; lc < GROUP_COLS; lc = lc + 1) begin : gen_column
      wire [35:0] column_scale = b_scale[36*(GROUP_COLS*group_i + lc) +: 36];
      for (lr = 0; lr < ROWS; lr = lr + 1) begin : gen_row
        ng_scale_add #(.SUM(SUM)) lane (
          .clk_i(clk_i),
          .ce_i(ce_i),
          .is_raw_i(is_raw_i),
          .is_float_i(is_float_i),
          .sum_exponent_i(sum_exponent_i),
          .sum_i(shadow[GROUP_COLS*group_i + lc][lr]),
          .special_i(shadow_special[GROUP_COLS*group_i + lc][lr]),
          .a_scale_i(a_scale[36*lr +: 36]),
          .b_scale_i(column_scale),
          .accumulator_i(prior[32*(ROWS*lc + lr) +: 32]),
          .result_o(updated[32*(ROWS*lc + lr) +: 32])
        );
      end
    end
  endgenerate

  // Output: one word of a group of results. Both counts are constants.
  /* verilator lint_off UNUSEDSIGNAL */
  wire [31:0]               send_group = {16'd0, word_i} / GROUP_WORDS;
  /* verilator lint_on UNUSEDSIGNAL */
  wire [31:0]               send_part = {16'd0, word_i} % GROUP_WORDS;
  wire [32*SCALE_LANES-1:0] send_results = result[{drain_half_i, send_group[3:0]}];
  reg  [32*LANES-1:0]       out;
  always @(posedge clk_i) begin
    if (ce_i && send_i) out <= send_results[32*LANES*send_part +: 32*LANES];
  end
  assign word_o = out;

  wire unused = ^{start_i, last_i};
endmodule
