// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_dsp_columns: the column operands of all chains over the same 32 columns. Keeps two windows of 16
// words, each for one place of the chains, and hands every place one pair of columns a cycle.
//
// A pair of columns has two LUT RAMs, for the lower and the upper half of the places. A word is written
// to all pairs; a pass reads pair g's words one place a cycle, beginning g cycles after it began with
// pair 0: just what the places want, who see pair 0, 1, … one after the other. What the RAMs give is turned
// to the places in two steps, each a choice of four: of the four pairs with the same remainder by 4 a
// block of four places wants only one at a time, also where one pass follows another.
//
// Wide operands (wide_i, with WIDE 1): a pass takes 32 cycles, column 0 of all pairs and then column 1, and
// the even chains and the odd ones get the same. Columns are kept as codes (ng_dsp_widen) and become
// integers at the places. They begin later than a window is complete, so four windows are kept.
//
//   store_i, begin_i   enables of their own, low where ce_i is
//   store_i       bit p: lanes_i is the window's word for place p; place 15 completes the window
//   begin_i       bit g: pair g's pass over the window that was completed last begins
//   step_i        3 bits a pair: place, modulo 8, that it gives
//   turn_i        2 bits a place: the pair that b_*_o holds in the next cycle, modulo 4
//   next_i        4 bits for each four places: that pair of the first one a cycle later
//   half_i        wide: bit p: with turn_i, whether it is that pair's column 1
//   shifted_i     ng_dsp_widen
//   lanes_i       decoded columns (ng_decode_lane): two nibbles or a byte each, or a wide operand's code
//   b_*_o         operands of the even and of the odd chains. Bytes: column 0 and column 1 of the
//                 pair; nibbles: b0 + b1·2^11 of the word's first and second step; wide: ⌊y / 2⌋
//   b_low_o       y mod 2, one cycle later, and 0 but for wide operands
//   b_*_bit_o, b_*_signs_o   what ng_dsp_chain wants of them, late
module ng_dsp_columns #(
  parameter WIDE = 0
) (
  input  wire         clk_i,
  input  wire         ce_i,
  input  wire         split_i,
  input  wire         wide_i,
  input  wire         shifted_i,
  input  wire [15:0]  store_i,
  input  wire [15:0]  begin_i,
  input  wire [47:0]  step_i,
  input  wire [31:0]  turn_i,
  input  wire [15:0]  next_i,
  input  wire [15:0]  half_i,
  input  wire [511:0] lanes_i,
  output wire [287:0] b_even_o,
  output wire [287:0] b_odd_o,
  output wire [15:0]  b_low_o,
  output wire [15:0]  b_even_bit_o,
  output wire [15:0]  b_odd_bit_o,
  output wire [11:0]  b_even_signs_o,
  output wire [11:0]  b_odd_signs_o
);
  // An operand in 10 bits. A byte as it is, in the lower eight; of two nibbles 5 bits each, the upper less
  // what the lower borrows from it: a bit changes where all below it are 0. One LUT a bit.
  function [9:0] encode(input [4:0] lower, input [4:0] upper, input [7:0] whole, input split);
    reg [4:0] less;
    begin
      less = upper ^ {lower[4] && upper[3:0] == 4'd0, lower[4] && upper[2:0] == 3'd0,
                      lower[4] && upper[1:0] == 2'd0, lower[4] && !upper[0], lower[4]};
      encode = {less[4:3], split ? {less[2:0], lower} : whole};
    end
  endfunction
  function [17:0] operand(input [9:0] code, input split);
    operand = split ? {{2{code[9]}}, code[9:5], {6{code[4]}}, code[4:0]} :
                      {{10{code[7]}}, code[7:0]};
  endfunction

  // The RAMs: {window, place modulo 8}.
  localparam WINDOW = (WIDE != 0) ? 2 : 1;  // bits of a window's number
  reg  [WINDOW-1:0]    storing;  // the window that is written
  reg  [16*WINDOW-1:0] passing;  // of every pair, the one that is read
  wire        store_low = (store_i[7:0] != 8'd0);
  wire        store_high = (store_i[15:8] != 8'd0);
  wire [7:0]  at = store_i[7:0] | store_i[15:8];
  wire [2:0]  place = {at[7:4] != 4'd0, at[7:6] != 2'd0 || at[3:2] != 2'd0,
                       at[7] || at[5] || at[3] || at[1]};
  wire [319:0] low, high;     // what pair 0, 1, … gives
  wire [15:0]  repeated;
  genvar g, i, j, c;
  always @(posedge clk_i) if (store_i[15]) storing <= storing + 1;
  generate
    for (g = 0; g < 16; g = g + 1) begin : gen_pair
      wire [31:0] lanes = lanes_i[32*g +: 32];
      wire [19:0] code = {encode(lanes[12:8], lanes[28:24], lanes[23:16], split_i),
                          encode(lanes[4:0], lanes[20:16], lanes[7:0], split_i)};
      wire [19:0] word = (WIDE != 0 && wide_i) ? {code[19], lanes[24], code[17:9], lanes[8], code[7:0]} :
                         code;
      assign repeated[g] = ^{lanes[15:13], lanes[31:29]};  // sign bits of nibbles
      (* ram_style = "distributed" *) reg [19:0] low_words [0:(8<<WINDOW)-1];
      (* ram_style = "distributed" *) reg [19:0] high_words [0:(8<<WINDOW)-1];
      wire [WINDOW+2:0] read = {passing[WINDOW*g +: WINDOW], step_i[3*g +: 3]};
      always @(posedge clk_i) begin
        if (begin_i[g]) passing[WINDOW*g +: WINDOW] <= storing - 1;
        if (store_low) low_words[{storing, place}] <= word;
        if (store_high) high_words[{storing, place}] <= word;
      end
      assign low[20*g +: 20] = low_words[read];
      assign high[20*g +: 20] = high_words[read];
    end

    for (i = 0; i < 4; i = i + 1) begin : gen_block
      wire [319:0] halves = (i < 2) ? low : high;
      wire [3:0]   newest = next_i[4*i +: 4];  // the other three places are one, two, three behind
      wire [79:0]  four;                          // one pair of each remainder
      for (c = 0; c < 4; c = c + 1) begin : gen_remainder
        localparam [1:0] C = c;
        wire       behind = (C == 2'd1) ? newest[1:0] == 2'd0 : (C == 2'd2) ? !newest[1] :
                            (C == 2'd3) ? newest[1:0] != 2'd3 : 1'b0;
        reg  [1:0] quarter;
        always @(posedge clk_i) if (ce_i) quarter <= newest[3:2] - {1'b0, behind};
        for (j = 0; j < 20; j = j + 1) begin : gen_bit
          wire [3:0] choice = {halves[20*(c+12)+j], halves[20*(c+8)+j], halves[20*(c+4)+j],
                               halves[20*c+j]};
          assign four[20*c+j] = choice[quarter];
        end
      end
      for (c = 0; c < 4; c = c + 1) begin : gen_place
        localparam PLACE = 4*i + c;
        reg  [19:0] pair;
        wire [19:0] selected;
        for (j = 0; j < 20; j = j + 1) begin : gen_bit
          wire [3:0] choice = {four[60+j], four[40+j], four[20+j], four[j]};
          assign selected[j] = choice[turn_i[2*PLACE +: 2]];
        end
        wire [17:0] even, odd;
        if (WIDE != 0) begin : gen_wide
          reg         half, odd_number;
          wire [18:0] value;
          ng_dsp_widen widen (
            .shifted_i(shifted_i), .code_i(half ? pair[18:10] : pair[8:0]), .value_o(value)
          );
          always @(posedge clk_i) begin
            if (!wide_i) odd_number <= 1'b0;
            else if (ce_i) odd_number <= value[0];
            if (ce_i) half <= half_i[PLACE];
          end
          assign b_low_o[PLACE] = odd_number;
          assign even = wide_i ? value[18:1] : operand(pair[9:0], split_i);
          assign odd = wide_i ? value[18:1] : operand(pair[19:10], split_i);
        end else begin : gen_narrow
          assign b_low_o[PLACE] = 1'b0;
          assign even = operand(pair[9:0], split_i);
          assign odd = operand(pair[19:10], split_i);
        end
        reg         even_bit1, even_bit2, odd_bit1, odd_bit2;
        always @(posedge clk_i) begin
          if (ce_i) begin
            pair <= selected;
            {even_bit2, even_bit1} <= {even_bit1, even[0]};
            {odd_bit2, odd_bit1} <= {odd_bit1, odd[0]};
          end
        end
        assign b_even_o[18*PLACE +: 18] = even;
        assign b_odd_o[18*PLACE +: 18] = odd;
        assign b_even_bit_o[PLACE] = even_bit2;
        assign b_odd_bit_o[PLACE] = odd_bit2;
      end
    end
    // Places 5, 6, 7 and 13, 14, 15: four, three and two cycles late.
    for (i = 0; i < 6; i = i + 1) begin : gen_signs
      localparam PLACE = (i < 3) ? 5 + i : 10 + i;
      localparam DELAY = 4 - i % 3;
      reg [2*DELAY-1:0] even_late, odd_late;
      always @(posedge clk_i) begin
        if (ce_i) begin
          even_late <= {even_late[2*DELAY-3:0], b_even_o[18*PLACE+17], b_even_o[18*PLACE+10]};
          odd_late <= {odd_late[2*DELAY-3:0], b_odd_o[18*PLACE+17], b_odd_o[18*PLACE+10]};
        end
      end
      assign b_even_signs_o[2*i +: 2] = even_late[2*DELAY-1 -: 2];
      assign b_odd_signs_o[2*i +: 2] = odd_late[2*DELAY-1 -: 2];
    end
  endgenerate

  wire unused = ^{at, repeated, wide_i, shifted_i, half_i};
endmodule
