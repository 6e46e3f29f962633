// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for rtl/ng_mac_datapath.v in everyday simulation: the same ports, the same results in
// the same cycles, computed by datapath.cpp (rtl/mac_model.hpp). The sequence around it, mac_array,
// is the RTL itself. tests/rtl runs the same tests on both.
module ng_mac_datapath #(
  parameter ROWS = 32,
  parameter LUT_ROWS = 0,
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
  localparam ALL = ROWS + LUT_ROWS;
  localparam COL_WORDS = ALL / LANES;  // of all rows
  localparam DSP_WORDS = ROWS / LANES;
  localparam LUT_WORDS = (LUT_ROWS >= LANES) ? LUT_ROWS / LANES : 1;

  import "DPI-C" function chandle ng_datapath_new(input int rows, input int cols, input int lanes,
                                                 input int lut_rows);
  import "DPI-C" function void ng_datapath_delete(input chandle datapath);
  import "DPI-C" function void ng_datapath_start(input chandle datapath, input int a_format,
                                                 input int b_format, input int sum_exponent);
  import "DPI-C" function void ng_datapath_load(input chandle datapath, input bit [8*ALL-1:0] a,
                                                input bit [8*COLS-1:0] b);
  import "DPI-C" function void ng_datapath_pad(input chandle datapath);
  import "DPI-C" function void ng_datapath_zeros(input chandle datapath,
                                                 input bit [8*ALL-1:0] a_zeros,
                                                 input bit [8*COLS-1:0] b_zeros);
  import "DPI-C" function void ng_datapath_sum(input chandle datapath, input bit first);
  import "DPI-C" function void ng_datapath_copy(input chandle datapath,
                                                input bit [36*ALL-1:0] a_scales,
                                                input bit [36*COLS-1:0] b_scales,
                                                input bit opening, input bit closing,
                                                input bit half);
  import "DPI-C" function void ng_datapath_send(input chandle datapath, input bit half,
                                                input int word, output bit [32*LANES-1:0] value);

  chandle self;
  initial self = ng_datapath_new(ROWS, COLS, LANES, LUT_ROWS);
  final ng_datapath_delete(self);

  // The order is that of the RTL's stages, last first: each reads what the one before held.
  wire has_zeros = (a_format_i[11:8] == 4'd4) || (b_format_i[11:8] == 4'd4);
  // The word that is sent, among those of all rows, column by column.
  wire [31:0] group = {{32-$clog2(GROUPS){1'b0}}, send_group_i};
  wire [31:0] part = send_lut_i ? {24'd0, send_lut_part_i} : {24'd0, send_part_i};
  wire [31:0] column = send_lut_i ? part / LUT_WORDS : part / DSP_WORDS;
  wire [31:0] of_column = send_lut_i ? DSP_WORDS + part % LUT_WORDS : part % DSP_WORDS;
  reg [32*LANES-1:0] out;
  reg [32*LANES-1:0] value;
  always @(posedge clk_i) begin
    if (ce_i) begin
      if (start_i)
        ng_datapath_start(self, {20'd0, a_format_i}, {20'd0, b_format_i},
                          {{20{sum_exponent_i[11]}}, sum_exponent_i});
      if (send_i) begin
        /* verilator lint_off BLKSEQ */
        ng_datapath_send(self, drain_half_i, COL_WORDS * ((COLS / GROUPS) * group + column) + of_column, value);
        /* verilator lint_on BLKSEQ */
        out <= value;
      end
      if (copy_i)
        ng_datapath_copy(self, a_scales_i, b_scales_i, opening_i, final_i, fill_half_i);
      if (advance_i && sum_i) ng_datapath_sum(self, first_i);
      if (load_i && load_first_i && has_zeros) ng_datapath_zeros(self, a_zeros_i, b_zeros_i);
      if (load_i && pad_i) ng_datapath_pad(self);
      else if (load_i) ng_datapath_load(self, a_i, b_i);
    end
  end
  assign word_o = out;

  wire unused = ^{is_float_i, is_nibble_i, is_raw_i, a_scaled_i, b_scaled_i, multiply_i,
                  second_half_i, align_i, last_i, enter_i, group_i, LATENCY[0]};
endmodule
