// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_dsp_columns: the column operands of all chains over the same 32 columns. Keeps a window of 16
// words, each for one place of the chains, and hands every place one pair of columns a cycle.
//
//   store_i, copy_i   enables of their own, low where ce_i is
//   store_i       bit p: lanes_i is the window's word for place p
//   copy_i        bit p: its pass begins; the word for the next window may be stored meanwhile
//   select_i      4 bits a place: the pair that b_*_o holds in the next cycle
//   lanes_i       decoded columns (ng_decode_lane): two nibbles or a byte each
//   b_*_o         operands of the even and of the odd chains. Bytes: column 0 and column 1 of the
//                 pair; nibbles: b0 + b1·2^11 of the word's first and second step
//   b_*_bit_o, b_*_signs_o   what ng_dsp_chain wants of them, late
module ng_dsp_columns (
  input  wire         clk_i,
  input  wire         ce_i,
  input  wire         split_i,
  input  wire [15:0]  store_i,
  input  wire [15:0]  copy_i,
  input  wire [63:0]  select_i,
  input  wire [511:0] lanes_i,
  output wire [287:0] b_even_o,
  output wire [287:0] b_odd_o,
  output wire [15:0]  b_even_bit_o,
  output wire [15:0]  b_odd_bit_o,
  output wire [11:0]  b_even_signs_o,
  output wire [11:0]  b_odd_signs_o
);
  // A pair in 20 bits. A byte as it is; of two nibbles 5 bits each, the upper less what the lower
  // borrows from it.
  function [9:0] nibbles(input [4:0] low, input [4:0] high);
    nibbles = {high - {4'd0, low[4]}, low};
  endfunction
  /* verilator lint_off UNUSEDSIGNAL */  // sign bits that lanes repeat
  function [19:0] encode(input [15:0] col0, input [15:0] col1, input split);
    encode = split ? {nibbles(col0[12:8], col1[12:8]), nibbles(col0[4:0], col1[4:0])} :
                     {2'b00, col1[7:0], 2'b00, col0[7:0]};
  endfunction
  /* verilator lint_on UNUSEDSIGNAL */
  function [17:0] operand(input [9:0] code, input split);
    operand = split ? {{2{code[9]}}, code[9:5], {6{code[4]}}, code[4:0]} :
                      {{10{code[7]}}, code[7:0]};
  endfunction

  wire [319:0] word;
  genvar g, i, j;
  generate
    for (g = 0; g < 16; g = g + 1) begin : gen_pair
      assign word[20*g +: 20] = encode(lanes_i[32*g +: 16], lanes_i[32*g+16 +: 16], split_i);
    end
    for (i = 0; i < 16; i = i + 1) begin : gen_place
      reg  [319:0] stored, passing;
      reg  [19:0]  pair;
      wire [19:0]  selected;
      for (j = 0; j < 20; j = j + 1) begin : gen_bit
        wire [15:0] pairs;
        for (g = 0; g < 16; g = g + 1) begin : gen_choice
          assign pairs[g] = passing[20*g+j];
        end
        assign selected[j] = pairs[select_i[4*i +: 4]];
      end
      wire [17:0]  even = operand(pair[9:0], split_i);
      wire [17:0]  odd = operand(pair[19:10], split_i);
      reg          even_bit1, even_bit2, odd_bit1, odd_bit2;
      always @(posedge clk_i) begin
        if (store_i[i]) stored <= word;
        if (copy_i[i]) passing <= stored;
        if (ce_i) begin
          pair <= selected;
          {even_bit2, even_bit1} <= {even_bit1, even[0]};
          {odd_bit2, odd_bit1} <= {odd_bit1, odd[0]};
        end
      end
      assign b_even_o[18*i +: 18] = even;
      assign b_odd_o[18*i +: 18] = odd;
      assign b_even_bit_o[i] = even_bit2;
      assign b_odd_bit_o[i] = odd_bit2;
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
endmodule
