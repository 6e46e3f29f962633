// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_mac_datapath: the arithmetic of mac_array, which sequences it: cells that sum the products of
// a block exactly, a shadow copy of the sums, and the lanes that scale and accumulate them in FP32
// (docs/seams.md, section 11).
//
//   load_i        a_i and b_i, a word of codes for the rows and for the columns, are decoded into the
//                 operand registers; load_first_i: the block's first word, with its zero-points.
//   pad_i         load_i of a word that is not there: never, this datapath has no windows
//   advance_i     the stages below may move; multiply_i, align_i, sum_i: they hold something
//   second_half_i of a kFloat step: odd rows (even rows come first)
//   first_i, last_i   in stage sum_i: of the block. `last_i` is there for a stand-in of this module.
//   copy_i        sums to the shadow, decoded scales of the block to the scale registers; opening_i:
//                 the tile's first block, final_i: its last one, whose results go to result buffer
//                 fill_half_i
//   enter_i       a group of the shadow enters the lanes, group_i of the block
//   send_i        of group send_group_i in result buffer drain_half_i the word send_part_i goes to
//                 word_o, which holds it; with send_lut_i, the word send_lut_part_i of the LUT rows
//   LUT_ROWS      rows from ROWS on, in kNibble calls only, that dsp/ng_mac_datapath.v may have; here 0
//
// A group is COLS / GROUPS columns; it is in the result buffer LATENCY cycles after it has entered.
module ng_mac_datapath #(
  parameter ROWS = 32,
  parameter LUT_ROWS = 0,
  parameter COLS = 32,
  parameter LANES = 16,
  parameter GROUPS = 16,
  parameter LATENCY = 17
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
  input  wire                pad_i,
  input  wire [8*(ROWS+LUT_ROWS)-1:0] a_i,
  input  wire [8*COLS-1:0]   b_i,
  input  wire                load_first_i,
  input  wire [8*(ROWS+LUT_ROWS)-1:0] a_zeros_i,
  input  wire [8*COLS-1:0]   b_zeros_i,
  input  wire                advance_i,
  input  wire                multiply_i,
  input  wire                second_half_i,
  input  wire                align_i,
  input  wire                sum_i,
  input  wire                first_i,
  input  wire                last_i,
  input  wire                copy_i,
  input  wire [36*(ROWS+LUT_ROWS)-1:0] a_scales_i,
  input  wire [36*COLS-1:0]  b_scales_i,
  input  wire                opening_i,
  input  wire                final_i,
  input  wire                fill_half_i,
  input  wire                enter_i,
  input  wire [$clog2(GROUPS)-1:0] group_i,
  input  wire                send_i,
  input  wire                drain_half_i,
  input  wire [$clog2(GROUPS)-1:0] send_group_i,
  input  wire [7:0]          send_part_i,
  input  wire                send_lut_i,
  input  wire [7:0]          send_lut_part_i,
  output wire [32*LANES-1:0] word_o
);
  localparam SUM = 72;
  localparam GROUP_COLS = COLS / GROUPS;
  localparam SCALE_LANES = GROUP_COLS * ROWS;

  // Operands, decoded.
  wire [16*ROWS-1:0] a_lanes;
  wire [16*COLS-1:0] b_lanes;
  reg  [16*ROWS-1:0] a1;
  reg  [16*COLS-1:0] b1;
  reg                half2, half3;  // rows of this parity are in the stage
  always @(posedge clk_i) begin
    if (ce_i && load_i) begin
      a1 <= a_lanes;
      b1 <= b_lanes;
    end
    if (ce_i && advance_i) begin
      half2 <= second_half_i;
      half3 <= half2;
    end
  end
  wire [12*ROWS-1:0] a_codes;
  ng_cut_codes #(.COUNT(ROWS)) cut_a (
    .element_i(a_format_i[7:0]), .word_i(a_i), .codes_o(a_codes)
  );
  ng_decode_lanes #(.COUNT(ROWS)) decode_a (
    .clk_i(clk_i), .load_i(ce_i && load_i), .first_i(load_first_i), .format_i(a_format_i),
    .is_float_i(is_float_i), .is_nibble_i(is_nibble_i), .codes_i(a_codes), .zeros_i(a_zeros_i),
    .lanes_o(a_lanes)
  );
  wire [12*COLS-1:0] b_codes;
  ng_cut_codes #(.COUNT(COLS)) cut_b (
    .element_i(b_format_i[7:0]), .word_i(b_i), .codes_o(b_codes)
  );
  ng_decode_lanes #(.COUNT(COLS)) decode_b (
    .clk_i(clk_i), .load_i(ce_i && load_i), .first_i(load_first_i), .format_i(b_format_i),
    .is_float_i(is_float_i), .is_nibble_i(is_nibble_i), .codes_i(b_codes), .zeros_i(b_zeros_i),
    .lanes_o(b_lanes)
  );

  // Cells. Shadows move by a group of columns towards column 0, where the lanes are.
  localparam SHADOW = SUM + 3;
  wire [SHADOW*ROWS*(COLS+GROUP_COLS)-1:0] shadows;
  genvar r, c;
  generate
    for (c = COLS; c < COLS + GROUP_COLS; c = c + 1) begin : gen_no_column
      assign shadows[SHADOW*ROWS*c +: SHADOW*ROWS] = {SHADOW*ROWS{1'b0}};
    end
    for (c = 0; c < COLS; c = c + 1) begin : gen_cell_column
      for (r = 0; r < ROWS; r = r + 1) begin : gen_cell
        localparam [31:0] INDEX = r;  // even rows come first
        ng_mac_cell #(.SUM(SUM)) cell_i (
          .clk_i(clk_i),
          .is_float_i(is_float_i),
          .is_nibble_i(is_nibble_i),
          .a_i(a1[16*r +: 16]),
          .b_i(b1[16*c +: 16]),
          .multiply_i(ce_i && advance_i && multiply_i && (!is_float_i || second_half_i == INDEX[0])),
          .align_i(ce_i && advance_i && align_i && (!is_float_i || half2 == INDEX[0])),
          .sum_i(ce_i && advance_i && sum_i && (!is_float_i || half3 == INDEX[0])),
          .first_i(first_i),
          .copy_i(ce_i && copy_i),
          .shift_i(ce_i && enter_i),
          .shadow_i(shadows[SHADOW*(ROWS*(c+GROUP_COLS)+r) +: SHADOW]),
          .shadow_o(shadows[SHADOW*(ROWS*c+r) +: SHADOW])
        );
      end
    end
  endgenerate

  // Scales of the block in the shadow; one (significand 1, exponent 0) where there are none.
  reg [36*ROWS-1:0] a_scale;
  reg [36*COLS-1:0] b_scale;
  reg               opening, closing, half;
  always @(posedge clk_i) begin
    if (ce_i && copy_i) begin
      {opening, closing, half} <= {opening_i, final_i, fill_half_i};
      a_scale <= a_scaled_i ? a_scales_i : {ROWS{36'd1}};
      b_scale <= b_scaled_i ? b_scales_i : {COLS{36'd1}};
    end else if (ce_i && enter_i) begin
      b_scale <= b_scale >> (36 * GROUP_COLS);
    end
  end

  ng_scale_lanes #(
    .ROWS(ROWS), .GROUP_COLS(GROUP_COLS), .LANES(LANES), .GROUPS(GROUPS), .LATENCY(LATENCY), .SUM(SUM)
  ) scale_lanes (
    .clk_i(clk_i), .ce_i(ce_i), .is_raw_i(is_raw_i), .is_float_i(is_float_i),
    .sum_exponent_i(sum_exponent_i), .enter_i(enter_i), .group_i(group_i), .opening_i(opening),
    .final_i(closing), .half_i(half), .later_i(1'b0), .sums_i(shadows[SHADOW*SCALE_LANES-1:0]),
    .a_scales_i(a_scale), .b_scales_i(b_scale[36*GROUP_COLS-1:0]), .send_i(send_i), .drain_half_i(drain_half_i),
    .send_group_i(send_group_i), .send_part_i(send_part_i), .word_o(word_o)
  );

  wire unused = ^{start_i, pad_i, last_i, send_lut_i, send_lut_part_i};
endmodule
