// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_mac_datapath on packed DSP48E2, in the place of ../ng_mac_datapath.v where mac_array is built with
// NG_DSP_ARRAY: the same ports, and the same results for integer, E2M3 and E2M1 products. One DSP
// makes two products of bytes or four of nibbles a cycle, as the call's formats ask, and with the macro
// NG_WIDE_PRODUCTS one kFloat product, its operands as integers of 19 bits (E3M2, E4M3; with E5M2 there is
// none). Without it is_float_i must be low.
//
// The array works in windows of 16 words. A chain of 16 DSPs holds one row pair's codes of the window
// and passes over the columns, two a cycle, in 16 cycles; meanwhile the next window comes in. After
// the last window of a block the sums run straight into the scale lanes, group after group: there is
// no shadow. A block must be whole windows: mac_array pads it (pad_i, words of zeros).
//
// COLS is a multiple of 32: so many columns, a set, have chains of their own, and a group of the pass is
// a pair of columns of every set. With GROUPS = 16 the pairs are neighbours, and all sums enter the lanes
// as they come. With 32 only the first column of each pair does; the second one, of the upper half of
// all columns, waits in the accumulators and enters in the 16 cycles after. Until then these are
// free: a new block's first window does not read what it adds to.
//
// With LUT_ROWS, rows from ROWS on have no DSPs: in kNibble calls their products are made in LUTs (ng_lut_pair), in
// step with the others', and their lanes are their own; in other calls nothing of them is used.
//
// Wide products are half as many a cycle, and a step takes two cycles: a window's pass takes 32, first over
// all pairs' first columns, then over the second ones, and enters the lanes as it comes (GROUPS must be 32).
// Rows wait in block RAM until their place's turn: a DSP has no registers for a second window of them.
//
//   Ports: ../ng_mac_datapath.v. enter_i and group_i are not used: a block's pass starts with copy_i, and
//   its groups enter the lanes so many cycles later that its results are there at most LATENCY cycles
//   after enter_i: 38, in kNibble calls 32, in kFloat calls 42.
module ng_mac_datapath #(
  parameter ROWS = 32,
  parameter LUT_ROWS = 0,
  parameter COLS = 32,
  parameter LANES = 16,
  parameter GROUPS = 16,
  parameter LATENCY = 42
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
  localparam GROUP_COLS = COLS / GROUPS;
  localparam SETS = COLS / 32;
  localparam LATE_HALF = (GROUPS == 32) ? 1 : 0;  // groups that come from the accumulators
  localparam PAIRS = ROWS / 2;
  localparam ALL = ROWS + LUT_ROWS;
  // An image that lists no format with UE4M3 or FP32 scales needs no multipliers behind its sums.
`ifdef NG_POWER_SCALES
  localparam POWERS = 1;
`else
  localparam POWERS = 0;
`endif
`ifdef NG_WIDE_PRODUCTS
  localparam WIDE = 1;
`else
  localparam WIDE = 0;
`endif
  localparam SUM = (WIDE != 0) ? 54 : 32;
  localparam LANE_STAGES = 17;
  localparam LATE = 21;      // from enter_i to the lanes
  localparam WIDE_LATE = 4;  // and so many more for wide products: rows from RAM, parts of sums joined
  wire       is_wide = (WIDE != 0) && is_float_i;

  // Words on their way to the sums, in step with the sequence: codes, decoded, one stage more.
  wire [12*ALL-1:0]  a_cut;
  wire [12*COLS-1:0] b_cut;
  reg  [12*ROWS-1:0] a_codes;
  reg  [12*COLS-1:0] b_codes;
  reg  [8*ROWS-1:0]  a_zeros;
  reg  [8*COLS-1:0]  b_zeros;
  reg                first1, pad1;
  wire [16*ROWS-1:0] a_lanes;
  wire [16*COLS-1:0] b_lanes;
  reg  [16*ROWS-1:0] a2, a3;
  reg  [16*COLS-1:0] b2, b3;
  wire               decode = ce_i && advance_i;
  always @(posedge clk_i) begin
    if (ce_i && load_i) begin
      {a_codes, b_codes, a_zeros, b_zeros} <= {a_cut[12*ROWS-1:0], b_cut, a_zeros_i[8*ROWS-1:0], b_zeros_i};
      {first1, pad1} <= {load_first_i, pad_i};
    end
    if (decode && pad1) {a2, b2} <= {(16*ROWS+16*COLS){1'b0}};
    else if (decode) {a2, b2} <= {a_lanes, b_lanes};
    if (decode) {a3, b3} <= {a2, b2};
  end
  ng_cut_codes #(.COUNT(ALL)) cut_a (
    .element_i(a_format_i[7:0]), .word_i(a_i), .codes_o(a_cut)
  );
  ng_cut_codes #(.COUNT(COLS)) cut_b (
    .element_i(b_format_i[7:0]), .word_i(b_i), .codes_o(b_cut)
  );
  ng_decode_lanes #(.COUNT(ROWS), .COMPACT(WIDE)) decode_a (
    .clk_i(clk_i), .load_i(decode), .first_i(first1), .format_i(a_format_i),
    .is_float_i(is_wide), .is_nibble_i(is_nibble_i), .codes_i(a_codes), .zeros_i(a_zeros),
    .lanes_o(a_lanes)
  );
  ng_decode_lanes #(.COUNT(COLS), .COMPACT(WIDE)) decode_b (
    .clk_i(clk_i), .load_i(decode), .first_i(first1), .format_i(b_format_i),
    .is_float_i(is_wide), .is_nibble_i(is_nibble_i), .codes_i(b_codes), .zeros_i(b_zeros),
    .lanes_o(b_lanes)
  );

  // The window: which place the word in stage 3 is for, and when its pass begins.
  reg         second2, second3;  // of a kFloat step's two cycles the one that stores it
  wire        store = advance_i && sum_i && (!is_wide || second3);
  reg  [3:0]  place;         // of the word after
  wire [3:0]  place3 = first_i ? 4'd0 : place;
  reg         window_first;  // the window in hand is its block's first
  reg         complete;      // a window that does not end its block is whole
  wire        launch = complete || copy_i;
  wire [15:0] store_at = {15'd0, store && ce_i} << place3;
  always @(posedge clk_i) begin
    if (ce_i && advance_i) {second3, second2} <= {second2, second_half_i};
    if (ce_i) begin
      complete <= store && (place3 == 4'd15) && !last_i;
      if (store) place <= place3 + 4'd1;
      if (store && place3 == 4'd0) window_first <= first_i;
    end
  end

  // A pass begins with its window's launch, or WIDE_LATE - 1 cycles later.
  localparam PASS = 6;  // {begins, its window is its block's first and last, opening, final, half}
  wire [PASS-1:0] launching = {launch, window_first, copy_i, opening_i, final_i, fill_half_i};
  wire [PASS-1:0] pass;
  wire            pass_begins = pass[PASS-1];
  generate
    if (WIDE != 0) begin : gen_late_pass
      localparam WAITING = PASS * (WIDE_LATE - 1);
      reg [WAITING-1:0] launches;
      always @(posedge clk_i) begin
        if (ce_i) launches <= start_i ? {WAITING{1'b0}} : {launches[WAITING-PASS-1:0], launching};
      end
      assign pass = is_wide ? launches[WAITING-1 -: PASS] : launching;
    end else begin : gen_pass
      assign pass = launching;
    end
  endgenerate

  // Cycles since a pass began: bit n is n + 1 cycles later. Place p is p cycles behind place 0; split, the
  // upper half of the places goes with the lower half.
  localparam EVENTS = 18;
  localparam COPIED = LATE + ((WIDE != 0) ? WIDE_LATE : 0);
  reg  [EVENTS-1:0] begun;
  reg  [COPIED-1:0] copied;         // the same since copy_i
  reg  [4:0]        group;          // of place 0; the upper bit: a wide pass's second columns
  reg  [4:0]        group_late [0:14];
  reg               active;
  wire [15:0]       begin_at, take_at, c_take_at, half;
  wire [47:0]       step;
  wire [31:0]       turn;
  wire [4:0]        group_next = pass_begins ? 5'd0 : group + 5'd1;
  wire [15:0]       next = {is_nibble_i ? group_late[2][3:0] : group_late[10][3:0],
                            is_nibble_i ? group_next[3:0] : group_late[6][3:0], group_late[2][3:0],
                            group_next[3:0]};
  integer n;
  always @(posedge clk_i) begin
    if (ce_i) begin
      begun <= start_i ? {EVENTS{1'b0}} : {begun[EVENTS-2:0], pass_begins};
      copied <= start_i ? {COPIED{1'b0}} : {copied[COPIED-2:0], copy_i};
      group <= group_next;
      active <= !start_i && (pass_begins || (active && group != {is_wide, 4'd15}));
      group_late[0] <= group;
      for (n = 1; n < 15; n = n + 1) group_late[n] <= group_late[n-1];
    end
  end
  wire [EVENTS:0] events = {begun, pass_begins};
  genvar p;
  generate
    for (p = 0; p < 16; p = p + 1) begin : gen_place
      localparam LOW = p % 8;
      assign begin_at[p] = ce_i && events[p];
      assign take_at[p] = ce_i && (is_nibble_i ? events[LOW+2] : events[p+2]);
      assign c_take_at[p] = ce_i && is_wide && events[p+3];
      if (p == 0) begin : gen_first
        assign {half[0], step[2:0]} = {group[4], group[2:0]};
        assign turn[1:0] = group[1:0];
      end else if (p == 8) begin : gen_half
        assign {half[8], step[26:24]} = {group_late[7][4], group_late[7][2:0]};
        assign turn[17:16] = is_nibble_i ? group[1:0] : group_late[7][1:0];
      end else begin : gen_later
        assign {half[p], step[3*p +: 3]} = {group_late[p-1][4], group_late[p-1][2:0]};
        assign turn[2*p +: 2] = is_nibble_i ? group_late[(LOW+14)%15][1:0] : group_late[p-1][1:0];
      end
    end
  endgenerate

  // Wide rows: from the windows in the order of the places, just in time. NaNs go into the scales.
  wire [19*ROWS-1:0] wide_rows;
  reg  [ROWS-1:0]    a_nan;
  reg  [COLS-1:0]    b_nan;
  wire               b_shifted = (b_format_i[7:0] >= 8'd6);
  genvar w;
  generate
    if (WIDE != 0) begin : gen_wide_rows
      wire [19*ROWS-1:0] widened;
      wire [ROWS-1:0]    a_nan3;
      wire [COLS-1:0]    b_nan3;
      for (w = 0; w < ROWS; w = w + 1) begin : gen_row
        ng_dsp_widen widen (
          .shifted_i(a_format_i[7:0] >= 8'd6), .code_i(a3[16*w +: 9]), .value_o(widened[19*w +: 19])
        );
        assign a_nan3[w] = a3[16*w+15];
      end
      for (w = 0; w < COLS; w = w + 1) begin : gen_column
        assign b_nan3[w] = b3[16*w+15];
      end
      (* ram_style = "block" *) reg [19*ROWS-1:0] windows [0:63];
      reg  [19*ROWS-1:0] read;
      reg  [1:0]         storing, reading;
      reg  [3:0]         read_place;
      always @(posedge clk_i) begin
        if (!is_wide) {a_nan, b_nan} <= {(ROWS+COLS){1'b0}};
        else if (ce_i && store && first_i) {a_nan, b_nan} <= {a_nan3, b_nan3};
        else if (ce_i && store) {a_nan, b_nan} <= {a_nan, b_nan} | {a_nan3, b_nan3};
        if (ce_i && is_wide) begin
          if (store) windows[{storing, place3}] <= widened;
          if (store && place3 == 4'd15) storing <= storing + 2'd1;
          if (launch) reading <= storing - 2'd1;
          read_place <= launch ? 4'd0 : read_place + 4'd1;
          read <= windows[{reading, read_place}];
        end
      end
      assign wide_rows = read;
    end else begin : gen_no_wide_rows
      assign wide_rows = {19*ROWS{1'b0}};
      always @* {a_nan, b_nan} = {(ROWS+COLS){1'b0}};
    end
  endgenerate

  // Row operands: the even chains' and the odd ones', two stages before the DSPs (ng_dsp_pair). Wide: the
  // even ones take row 0, the odd ones row 1, which follow two cycles later once more.
  localparam OPERANDS = 34;
  function [8:0] upper(input [7:0] row1, input [1:0] x, input split, input wide);
    upper = wide ? {{8{x[1]}}, x[0]} : split ? {row1[4:0], 4'd0} : {row1[7], row1};
  endfunction
  reg  [OPERANDS*PAIRS-1:0] even1, even2, odd1, odd2;
  reg  [19*PAIRS-1:0]       c_even3, c_even4, c_odd3, c_odd4;
  reg  [15:0]               load1, load2;
  wire [15:0]               load_at = (is_wide ? events[16:1] : load2) & {16{ce_i}};
  wire [16*ROWS-1:0]        odd3 = is_nibble_i ? a3 >> 8 : a3;  // the low byte of each lane counts
  integer r;
  always @(posedge clk_i) begin
    if (ce_i) begin
      for (r = 0; r < PAIRS; r = r + 1) begin
        even1[OPERANDS*r+25 +: 9] <=
            upper(a3[32*r+16 +: 8], wide_rows[38*r+17 +: 2], is_nibble_i, is_wide);
        odd1[OPERANDS*r+25 +: 9] <=
            upper(odd3[32*r+16 +: 8], wide_rows[38*r+36 +: 2], is_nibble_i, is_wide);
        if (!is_wide) {even1[OPERANDS*r+8 +: 17], odd1[OPERANDS*r+8 +: 17]} <= 34'd0;
        else
          {even1[OPERANDS*r+8 +: 17], odd1[OPERANDS*r+8 +: 17]} <=
              {wide_rows[38*r +: 17], wide_rows[38*r+19 +: 17]};
        if (is_wide) {even1[OPERANDS*r +: 8], odd1[OPERANDS*r +: 8]} <= 16'd0;
        else {even1[OPERANDS*r +: 8], odd1[OPERANDS*r +: 8]} <= {a3[32*r +: 8], odd3[32*r +: 8]};
      end
      {even2, odd2} <= {even1, odd1};
      {load2, load1} <= {load1, store_at};
    end
    if (ce_i && is_wide) begin
      for (r = 0; r < PAIRS; r = r + 1) begin
        c_even3[19*r +: 19] <= even2[OPERANDS*r+8 +: 19];
        c_odd3[19*r +: 19] <= odd2[OPERANDS*r+8 +: 19];
      end
      {c_even4, c_odd4} <= {c_even3, c_odd3};
    end
  end

  // What travels with a group until it is summed; when split it is there 6 cycles sooner. A pass that
  // does not end its block leaves its sums in the accumulators.
  localparam READ = LATE - 2;  // cycles from a group's first place to its accumulators
  localparam TAG = 11;  // {it is there, pass, group}
  reg  [TAG-1:0]  tag [0:READ-1];
  reg  [TAG-1:0]  add_tag, sum_tag;
  reg  [PASS-2:0] passing;
  wire [TAG-1:0]  read_tag = is_nibble_i ? tag[READ-7] : tag[READ-1];
  always @(posedge clk_i) begin
    if (ce_i) begin
      if (pass_begins) passing <= pass[PASS-2:0];
      tag[0] <= {active && !start_i, passing, group};
      for (n = 1; n < READ; n = n + 1) tag[n] <= start_i ? {TAG{1'b0}} : tag[n-1];
      add_tag <= start_i ? {TAG{1'b0}} : read_tag;
      sum_tag <= start_i ? {TAG{1'b0}} : add_tag;
    end
  end
  localparam FIRST = 9, LAST = 8;  // bits of a tag
  wire       summed = sum_tag[TAG-1];
  wire [4:0] sum_group = sum_tag[4:0];
  wire       sums_enter = sum_tag[TAG-1] && sum_tag[LAST] && !is_wide;
  wire       enter;          // a group enters the lanes: enter_tag's
  wire       later;          // it is one of the later half
  wire [4:0] late_read;      // column 1's group that is read
  wire [TAG-1:0] enter_tag;
  wire [$clog2(GROUPS)-1:0] enter_group;
  generate
    if (LATE_HALF != 0) begin : gen_late
      // The same tags 16 cycles later; 14: the accumulators are read for them.
      reg [TAG-1:0] late_tag [0:15];
      integer t;
      always @(posedge clk_i) begin
        if (ce_i) begin
          late_tag[0] <= start_i ? {TAG{1'b0}} : {sums_enter, sum_tag[TAG-2:0]};
          for (t = 1; t < 16; t = t + 1) late_tag[t] <= start_i ? {TAG{1'b0}} : late_tag[t-1];
        end
      end
      assign later = late_tag[15][TAG-1];
      assign late_read = late_tag[13][TAG-1] ? late_tag[13][4:0] : read_tag[4:0];
      if (WIDE != 0) begin : gen_wide
        // The parts of wide sums are joined in one cycle more.
        reg [TAG-1:0] joined;
        always @(posedge clk_i) if (ce_i) joined <= start_i ? {TAG{1'b0}} : sum_tag;
        assign enter = is_wide ? joined[TAG-1] && joined[LAST] : later || sums_enter;
        assign enter_tag = is_wide ? joined : later ? late_tag[15] : sum_tag;
      end else begin : gen_narrow
        assign enter = later || sums_enter;
        assign enter_tag = later ? late_tag[15] : sum_tag;
      end
      assign enter_group = {later || enter_tag[4], enter_tag[3:0]};
    end else begin : gen_prompt
      assign later = 1'b0;
      assign late_read = read_tag[4:0];
      assign enter = sums_enter;
      assign enter_tag = sum_tag;
      assign enter_group = sum_tag[3:0];
    end
  endgenerate

  // The chains.
  localparam LANE_SUMS = (SUM + 3) * ROWS * GROUP_COLS;  // with three bits for NaN and infinities, always 0
  localparam SOURCES = (WIDE != 0) ? 3 : LATE_HALF + 1;  // in each lane
  wire [SOURCES*LANE_SUMS-1:0] sums;
  wire [288*SETS-1:0]          dsp_b_even, dsp_b_odd;  // of all sets
  genvar s, g, q;
  generate
    for (s = 0; s < SETS; s = s + 1) begin : gen_set
      wire [511:0] columns;
      wire [287:0] b_even, b_odd;
      wire [15:0]  b_low, b_even_bit, b_odd_bit;
      wire [11:0]  b_even_signs, b_odd_signs;
      for (g = 0; g < 16; g = g + 1) begin : gen_group
        if (LATE_HALF != 0) begin : gen_halves
          assign columns[32*g +: 32] = {b3[16*(COLS/2 + GROUP_COLS*g + s) +: 16],
                                        b3[16*(GROUP_COLS*g + s) +: 16]};
        end else begin : gen_neighbours
          assign columns[32*g +: 32] = b3[16*(GROUP_COLS*g + 2*s) +: 32];
        end
      end
      ng_dsp_columns #(.WIDE(WIDE)) column_operands (
        .clk_i(clk_i), .ce_i(ce_i), .split_i(is_nibble_i), .wide_i(is_wide), .shifted_i(b_shifted),
        .store_i(store_at), .begin_i(begin_at), .step_i(step), .turn_i(turn), .next_i(next), .half_i(half),
        .lanes_i(columns), .b_even_o(b_even), .b_odd_o(b_odd), .b_low_o(b_low), .b_even_bit_o(b_even_bit), .b_odd_bit_o(b_odd_bit), .b_even_signs_o(b_even_signs),
        .b_odd_signs_o(b_odd_signs)
      );
      assign dsp_b_even[288*s +: 288] = b_even;
      assign dsp_b_odd[288*s +: 288] = b_odd;
      for (q = 0; q < PAIRS; q = q + 1) begin : gen_pair
        wire [127:0] four;
        wire [135:0] wides;
        ng_dsp_pair #(.LATE(LATE_HALF), .WIDE(WIDE)) pair (
          .clk_i(clk_i), .ce_i(ce_i), .split_i(is_nibble_i), .wide_i(is_wide), .load_i(load_at),
          .take_i(take_at), .c_take_i(c_take_at), .a_even_i(even2[OPERANDS*q +: OPERANDS]),
          .a_odd_i(odd2[OPERANDS*q +: OPERANDS]), .c_even_i(c_even4[19*q +: 19]),
          .c_odd_i(c_odd4[19*q +: 19]), .b_even_i(b_even), .b_odd_i(b_odd), .b_low_i(b_low),
          .b_even_bit_i(b_even_bit), .b_odd_bit_i(b_odd_bit), .b_even_signs_i(b_even_signs),
          .b_odd_signs_i(b_odd_signs), .read_i(read_tag[4:0]), .late_read_i(late_read),
          .restart_i(read_tag[FIRST] && ce_i), .write_i(summed), .group_i(sum_group), .sums_o(four),
          .wides_o(wides)
        );
        for (g = 0; g < 4; g = g + 1) begin : gen_cell
          // Row 2q + g / 2, column g % 2 of the pair: column 2s + g % 2 of the group, or column s of
          // this group or of the one 16 later.
          localparam AT = (LATE_HALF != 0) ? LANE_SUMS*(g%2) + (SUM+3)*ROWS*s :
                          (SUM+3)*ROWS*(2*s + g%2);
          assign sums[AT + (SUM+3)*(2*q + g/2) +: SUM+3] = {{(SUM-29){1'b0}}, four[32*g +: 32]};
        end
        if (WIDE != 0) begin : gen_wide
          // Rows 2q and 2q + 1 of the group's column.
          for (g = 0; g < 2; g = g + 1) begin : gen_row
            wire [53:0] joined;
            ng_dsp_join join_parts (
              .clk_i(clk_i), .ce_i(ce_i && is_wide), .parts_i(wides[68*g +: 68]), .value_o(joined)
            );
            assign sums[2*LANE_SUMS + (SUM+3)*(ROWS*s + 2*q + g) +: SUM+3] = {3'd0, joined};
          end
        end else begin : gen_narrow
          wire unused = ^wides;
        end
      end
    end
  endgenerate

  wire [36*ALL-1:0]        a_scale;
  wire [36*GROUP_COLS-1:0] b_scale;
  wire [ALL-1:0]           a_nans;
  generate
    for (q = 0; q < ALL; q = q + 1) begin : gen_nan
      if (q < ROWS) assign a_nans[q] = a_nan[q];
      else assign a_nans[q] = 1'b0;
    end
  endgenerate
  ng_dsp_scales #(
    .ROWS(ALL), .COLS(COLS), .GROUP_COLS(GROUP_COLS), .POWERS(POWERS)
  ) scales (
    .clk_i(clk_i), .ce_i(ce_i), .take_i(copy_i), .a_scaled_i(a_scaled_i), .b_scaled_i(b_scaled_i),
    .a_scales_i(a_scales_i), .b_scales_i(b_scales_i), .a_nan_i(a_nans), .b_nan_i(b_nan),
    .second_i(is_nibble_i ? copied[LATE-13] : copied[LATE-7]),
    .third_i(is_nibble_i ? copied[LATE-7] : is_wide ? copied[COPIED-1] : copied[LATE-1]), .enter_i(enter), .a_scales_o(a_scale),
    .b_scales_o(b_scale)
  );

  wire [32*LANES-1:0] dsp_word;
  ng_scale_lanes #(
    .ROWS(ROWS), .GROUP_COLS(GROUP_COLS), .LANES(LANES), .GROUPS(GROUPS), .LATENCY(LANE_STAGES),
    .SUM(SUM), .POWERS(POWERS), .SOURCES(SOURCES)
  ) scale_lanes (
    .clk_i(clk_i), .ce_i(ce_i), .is_raw_i(is_raw_i), .is_float_i(is_wide),
    .sum_exponent_i(sum_exponent_i), .enter_i(enter), .group_i(enter_group), .opening_i(enter_tag[7]),
    .final_i(enter_tag[6]), .half_i(enter_tag[5]), .later_i(later), .sums_i(sums),
    .a_scales_i(a_scale[36*ROWS-1:0]), .b_scales_i(b_scale), .send_i(send_i),
    .drain_half_i(drain_half_i), .send_group_i(send_group_i), .send_part_i(send_part_i), .word_o(dsp_word)
  );

  // The LUT rows: their operands, as signs and magnitudes, two stages behind stage 3 as those of the chains.
  generate
    if (LUT_ROWS != 0) begin : gen_lut
      localparam LUT_SUMS = 35 * LUT_ROWS * GROUP_COLS;
      reg  [8*LUT_ROWS-1:0]  codes;  // the next step's above
      wire [10*LUT_ROWS-1:0] values;
      reg  [10*LUT_ROWS-1:0] values2, values3, row1, row2;
      always @(posedge clk_i) begin
        if (ce_i && load_i) codes <= {a_i[4*(ALL+ROWS) +: 4*LUT_ROWS], a_i[4*ROWS +: 4*LUT_ROWS]};
        if (decode && pad1) values2 <= {10*LUT_ROWS{1'b0}};
        else if (decode) values2 <= values;
        if (decode) values3 <= values2;
        if (ce_i) {row2, row1} <= {row1, values3};
      end
      ng_lut_decode #(.COUNT(2*LUT_ROWS)) decode_lut (
        .is_uint4_i(a_format_i[7:0] == 8'd3), .is_e2m1_i(a_format_i[7:0] == 8'd4), .codes_i(codes),
        .values_o(values)
      );

      wire [15:0]               lut_load = load2 & {16{ce_i && is_nibble_i}};
      wire [15:0]               lut_take = take_at & {16{is_nibble_i}};
      wire [15:0]               table_write, eight, read_half;
      wire [79:0]               table_at;
      wire [224*LUT_ROWS-1:0]   multiples;
      wire [32*LUT_ROWS-1:0]    row_odd, row_negative;
      wire [(LATE_HALF+1)*LUT_SUMS-1:0] lut_sums;
      ng_lut_control control (
        .clk_i(clk_i), .ce_i(ce_i), .load_i(lut_load), .take_i(lut_take), .write_o(table_write),
        .write_at_o(table_at), .eight_o(eight), .read_half_o(read_half)
      );
      for (q = 0; q < LUT_ROWS / 2; q = q + 1) begin : gen_rows
        ng_lut_rows rows (
          .clk_i(clk_i), .ce_i(ce_i), .load_i(lut_load), .take_i(lut_take), .eight_i(eight),
          .a_i({row2[5*(LUT_ROWS+2*q) +: 10], row2[10*q +: 10]}), .multiples_o(multiples[448*q +: 448]),
          .odd_o(row_odd[64*q +: 64]), .negative_o(row_negative[64*q +: 64])
        );
      end
      for (s = 0; s < SETS; s = s + 1) begin : gen_set
        wire [319:0] b_sizes;
        ng_lut_columns lut_columns (
          .clk_i(clk_i), .ce_i(ce_i), .b_even_i(dsp_b_even[288*s +: 288]), .b_odd_i(dsp_b_odd[288*s +: 288]),
          .b_o(b_sizes)
        );
        for (q = 0; q < LUT_ROWS / 2; q = q + 1) begin : gen_pair
          wire [127:0] four;
          ng_lut_pair #(.LATE(LATE_HALF)) pair (
            .clk_i(clk_i), .ce_i(ce_i), .write_i(table_write), .write_at_i(table_at), .read_half_i(read_half),
            .multiples_i(multiples[448*q +: 448]), .odd_i(row_odd[64*q +: 64]),
            .negative_i(row_negative[64*q +: 64]), .b_i(b_sizes), .read_i(read_tag[3:0]),
            .late_read_i(late_read[3:0]), .restart_i(read_tag[FIRST] && ce_i), .store_i(summed),
            .group_i(sum_group[3:0]), .sums_o(four)
          );
          for (g = 0; g < 4; g = g + 1) begin : gen_cell
            // As the other rows'.
            localparam AT = (LATE_HALF != 0) ? LUT_SUMS*(g%2) + 35*LUT_ROWS*s : 35*LUT_ROWS*(2*s + g%2);
            assign lut_sums[AT + 35*(2*q + g/2) +: 35] = {3'd0, four[32*g +: 32]};
          end
        end
      end
      wire [32*LANES-1:0] lut_word;
      ng_scale_lanes #(
        .ROWS(LUT_ROWS), .GROUP_COLS(GROUP_COLS), .LANES(LANES), .GROUPS(GROUPS), .LATENCY(LANE_STAGES),
        .SUM(32), .POWERS(POWERS), .SOURCES(LATE_HALF+1)
      ) lut_lanes (
        .clk_i(clk_i), .ce_i(ce_i), .is_raw_i(is_raw_i), .is_float_i(1'b0), .sum_exponent_i(sum_exponent_i),
        .enter_i(enter && is_nibble_i), .group_i(enter_group), .opening_i(enter_tag[7]),
        .final_i(enter_tag[6]), .half_i(enter_tag[5]), .later_i(later), .sums_i(lut_sums),
        .a_scales_i(a_scale[36*ROWS +: 36*LUT_ROWS]), .b_scales_i(b_scale), .send_i(send_i),
        .drain_half_i(drain_half_i), .send_group_i(send_group_i), .send_part_i(send_lut_part_i),
        .word_o(lut_word)
      );
      reg sent_lut;
      always @(posedge clk_i) if (ce_i && send_i) sent_lut <= send_lut_i;
      assign word_o = sent_lut ? lut_word : dsp_word;
    end else begin : gen_no_lut
      assign word_o = dsp_word;
      wire unused = ^{send_lut_i, send_lut_part_i, dsp_b_even, dsp_b_odd};
    end
  endgenerate

  wire unused = ^{is_float_i, a_cut, a_zeros_i, multiply_i, align_i, enter_i, group_i, enter_tag, LATENCY[0]};
endmodule
