// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_dsp_pair: two chains of DSPs for two rows and two columns: 64 products of bytes or 128 of
// nibbles a cycle, their sums taken apart exactly and added to one of 16 groups of four 32-bit
// accumulators; or, with WIDE, of 32 products of wide operands.
//
// Bytes: the even chain multiplies both rows by column 0, the odd one by column 1, 16 steps each.
// Nibbles (split_i): both multiply both rows by both columns, the even chain the first steps of 16
// words, the odd one their second ones.
// Wide operands (wide_i): the even chain multiplies row 0, the odd one row 1, both by the same column,
// and the groups are 32 columns. A sum has two of the accumulators, in parts: Σ mod 2^18, and the rest.
// A block of 2^17 − 1 products leaves 31 bits in the first and 36 in the second.
//
//   load_i, take_i, c_take_i, a*_i, c*_i, b*_i   ng_dsp_chain, of the even and of the odd chain
//   read_i        group whose sums come next; restart_i: from 0, low where ce_i is
//   write_i, group_i   with sums_o: they are stored as that group
//   sums_o        modulo 2^32: {row 1 col 1, row 1 col 0, row 0 col 1, row 0 col 0}
//   wides_o       with sums_o, of row 1 and of row 0 {rest, in 36 bits, and Σ of what is below 2^18}
//
//   LATE          1: column 1's sums leave the accumulators in their own time, and make room for those
//                 of column 0 before the lanes. late_read_i is that column's read_i, and two cycles after
//                 it sums_o has what the group had then. While sums are restarted it may be any group.
//                 For wide operands it is read_i
//   WIDE          1: takes wide operands; else wide_i and what belongs to it are not used
//
// Latency: sums_o come 14 cycles after place 0 had their b_i when split, else 20; read_i is due two
// cycles before.
module ng_dsp_pair #(
  parameter LATE = 0,
  parameter WIDE = 0
) (
  input  wire         clk_i,
  input  wire         ce_i,
  input  wire         split_i,
  input  wire         wide_i,
  input  wire [15:0]  load_i,
  input  wire [15:0]  take_i,
  input  wire [15:0]  c_take_i,
  input  wire [33:0]  a_even_i,  // {row 1: a1 and a_low; row 0: a0}
  input  wire [33:0]  a_odd_i,
  input  wire [18:0]  c_even_i,
  input  wire [18:0]  c_odd_i,
  input  wire [287:0] b_even_i,
  input  wire [287:0] b_odd_i,
  input  wire [15:0]  b_low_i,
  input  wire [15:0]  b_even_bit_i,
  input  wire [15:0]  b_odd_bit_i,
  input  wire [11:0]  b_even_signs_i,
  input  wire [11:0]  b_odd_signs_i,
  input  wire [4:0]   read_i,    // 16 groups: the lower four bits
  input  wire [4:0]   late_read_i,
  input  wire         restart_i,
  input  wire         write_i,
  input  wire [4:0]   group_i,
  output wire [127:0] sums_o,
  output wire [135:0] wides_o
);
  // Sub-chains: even low, even high, odd low, odd high.
  wire [47:0] packed_sum [0:3];
  wire [2:0]  majority [0:3];
  wire        even_parity, odd_parity;
  ng_dsp_chain #(.WIDE(WIDE)) even (
    .clk_i(clk_i), .ce_i(ce_i), .split_i(split_i), .wide_i(wide_i), .load_i(load_i), .take_i(take_i),
    .c_take_i(c_take_i), .a0_i(a_even_i[7:0]), .a1_i(a_even_i[33:25]), .a_low_i(a_even_i[24:8]),
    .c_i(c_even_i), .b_i(b_even_i), .b_low_i(b_low_i), .b_bit_i(b_even_bit_i), .b_signs_i(b_even_signs_i), .low_o(packed_sum[0]), .high_o(packed_sum[1]),
    .parity_o(even_parity), .low_majority_o(majority[0]), .high_majority_o(majority[1])
  );
  ng_dsp_chain #(.WIDE(WIDE)) odd (
    .clk_i(clk_i), .ce_i(ce_i), .split_i(split_i), .wide_i(wide_i), .load_i(load_i), .take_i(take_i),
    .c_take_i(c_take_i), .a0_i(a_odd_i[7:0]), .a1_i(a_odd_i[33:25]), .a_low_i(a_odd_i[24:8]),
    .c_i(c_odd_i), .b_i(b_odd_i), .b_low_i(b_low_i), .b_bit_i(b_odd_bit_i), .b_signs_i(b_odd_signs_i), .low_o(packed_sum[2]), .high_o(packed_sum[3]),
    .parity_o(odd_parity), .low_majority_o(majority[2]), .high_majority_o(majority[3])
  );

  // Sign of an 11-bit lane. From 880 to 1,167 the majority knows it; every sum that leaves the range
  // of 11 bits is there, also when the lane below has borrowed 1. (Two LUTs, the second one's edge.)
  function sign_of(input [6:0] top, input most);
    reg edge_in;
    begin
      edge_in = top[6] ? !(top[3] && top[2:0] != 3'd0) : (top[3] || top[2:0] == 3'd7);
      case (top[6:4])
        3'b011: sign_of = edge_in && most;
        3'b100: sign_of = !edge_in || most;
        default: sign_of = top[6];
      endcase
    end
  endfunction

  // 1: signs. 2, 3: the four sub-chains together, three and then the fourth; a lane gets back what the
  // lane below borrowed, the carries into the adders.
  reg  [44:0] lanes [0:3];
  reg  [2:0]  sign [0:3];
  reg         even_negative, odd_negative;
  reg  [2:0]  sign2_2, sign3_2, sign3_3;
  wire [12:0] three_add [0:3];
  reg  signed [12:0] three_sum [0:3];
  reg  signed [11:0] fourth [0:3];
  reg  signed [13:0] nibble_sum [0:3];
  integer s, l;
  // {value, 1} + {value, carry}: an adder with a carry.
  /* verilator lint_off UNUSEDSIGNAL */
  function [14:0] add13(input signed [12:0] x, input signed [11:0] y, input carry);
    add13 = $signed({x[12], x, 1'b1}) + $signed({y[11], y[11], y, carry});
  endfunction
  reg  [14:0] nibble_add [0:3];
  /* verilator lint_on UNUSEDSIGNAL */
  reg  [11:0] lane [0:3][0:3];
  always @* begin
    for (s = 0; s < 4; s = s + 1) begin
      for (l = 0; l < 3; l = l + 1) lane[s][l] = {sign[s][l], lanes[s][11*l +: 11]};
      lane[s][3] = lanes[s][44:33];
    end
    for (l = 0; l < 4; l = l + 1) begin
      nibble_add[l] = add13(three_sum[l], fourth[l], l == 0 ? 1'b0 : sign2_2[(l+2)%3]);
    end
  end
  genvar g;
  generate
    for (g = 0; g < 4; g = g + 1) begin : gen_three
      ng_dsp_add3 #(.WIDTH(13)) three (
        .x_i({lane[0][g][11], lane[0][g]}), .y_i({lane[1][g][11], lane[1][g]}),
        .z_i({lane[2][g][11], lane[2][g]}),
        .carry_i(g == 0 ? 2'b00 : {sign[1][(g+2)%3], sign[0][(g+2)%3]}), .sum_o(three_add[g])
      );
    end
  endgenerate

  // 4: added to what the group has. Bytes and wide products come straight from stage 1, wide ones with
  // nothing to put right.
  // Block RAM: nearly empty, but as LUTs it would cost a quarter more of them.
  localparam HIGH = (WIDE != 0) ? 36 : 32;  // bits of row 1's sums: the rest of wide ones
  localparam GROUP = (WIDE != 0) ? 5 : 4;   // bits of a group's number
  (* ram_style = "block" *) reg [HIGH+31:0] column0 [0:(1<<GROUP)-1];
  (* ram_style = "block" *) reg [HIGH+31:0] column1 [0:(1<<GROUP)-1];
  reg  [HIGH+31:0] prior0, prior1, sums0, sums1;  // {row 1, row 0}
  wire [HIGH+31:0] total [0:1];
  wire             wide = (WIDE != 0) && wide_i;
  wire [3:0]       carry = split_i ? {sign3_3, 1'b0} : {odd_negative, even_negative, {2{!wide}}};
  reg              fresh;  // LATE: nothing is added to column 1's sums
  generate
    for (g = 0; g < 2; g = g + 1) begin : gen_total
      wire        negative = (g == 1) ? odd_negative : even_negative;
      wire [44:0] lane_sums = lanes[2*g+1];
      wire [HIGH+31:0] prior = (g == 1) ? prior1 : prior0;
      ng_dsp_gated_add low (
        .fresh_i(LATE != 0 && g == 1 && fresh), .choose_i(split_i), .x_i(prior[31:0]),
        .y_i({{14{negative}}, lane_sums[17:0]}), .z_i({{18{nibble_sum[g][13]}}, nibble_sum[g]}),
        .carry_i(carry[g]), .sum_o(total[g][31:0])
      );
      ng_dsp_gated_add #(.WIDTH(HIGH)) high (
        .fresh_i(LATE != 0 && g == 1 && fresh), .choose_i(split_i), .x_i(prior[HIGH+31:32]),
        .y_i({{(HIGH-27){lane_sums[44]}}, lane_sums[44:18]}),
        .z_i({{(HIGH-14){nibble_sum[2+g][13]}}, nibble_sum[2+g]}), .carry_i(carry[2+g]),
        .sum_o(total[g][HIGH+31:32])
      );
    end
  endgenerate

  always @(posedge clk_i) begin
    if (ce_i) begin
      for (s = 0; s < 4; s = s + 1) begin
        lanes[s] <= packed_sum[s][44:0];
        sign[s][0] <= sign_of(packed_sum[s][10:4], majority[s][0]);
        sign[s][1] <= sign_of(packed_sum[s][21:15], majority[s][1]);
        sign[s][2] <= sign_of(packed_sum[s][32:26], majority[s][2]);
      end
      even_negative <= (packed_sum[1][18] ^ even_parity) && !wide;
      odd_negative <= (packed_sum[3][18] ^ odd_parity) && !wide;
      for (l = 0; l < 4; l = l + 1) begin
        three_sum[l] <= three_add[l];
        fourth[l] <= lane[3][l];
        nibble_sum[l] <= nibble_add[l][14:1];
      end
      {sums1, sums0} <= {total[1], total[0]};
      sign2_2 <= sign[2];
      sign3_2 <= sign[3];
      sign3_3 <= sign3_2;
      fresh <= restart_i;
      if (write_i) column0[group_i[GROUP-1:0]] <= sums0;
      if (write_i) column1[group_i[GROUP-1:0]] <= sums1;
    end
    if (restart_i) prior0 <= {(HIGH+32){1'b0}};
    else if (ce_i) prior0 <= column0[read_i[GROUP-1:0]];
  end
  generate
    if (LATE != 0) begin : gen_late
      reg [63:0] late;
      always @(posedge clk_i) begin
        if (ce_i) {late, prior1} <= {prior1[63:0], column1[late_read_i[GROUP-1:0]]};
      end
      assign sums_o = {late[63:32], sums0[63:32], late[31:0], sums0[31:0]};
    end else begin : gen_prompt
      always @(posedge clk_i) begin
        if (restart_i) prior1 <= {(HIGH+32){1'b0}};
        else if (ce_i) prior1 <= column1[read_i[GROUP-1:0]];
      end
      assign sums_o = {sums1[63:32], sums0[63:32], sums1[31:0], sums0[31:0]};
      wire unused = ^{late_read_i, fresh};
    end
    if (WIDE != 0) assign wides_o = {sums1, sums0};
    else assign wides_o = 136'd0;
  endgenerate

  wire unused = ^{read_i, late_read_i, group_i, packed_sum[0][47:45], packed_sum[1][47:45], packed_sum[2][47:45],
                  packed_sum[3][47:45]};
endmodule
