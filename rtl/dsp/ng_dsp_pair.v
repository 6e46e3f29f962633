// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_dsp_pair: two chains of DSPs for two rows and two columns: 64 products of bytes or 128 of
// nibbles a cycle, their sums taken apart exactly and added to one of 16 groups of four 32-bit
// accumulators.
//
// Bytes: the even chain multiplies both rows by column 0, the odd one by column 1, 16 steps each.
// Nibbles (split_i): both multiply both rows by both columns, the even chain the first steps of 16
// words, the odd one their second ones.
//
//   load_i, take_i, a*_i, b*_i   ng_dsp_chain, of the even and of the odd chain
//   read_i        group whose sums come next; restart_i: from 0, low where ce_i is
//   write_i, group_i   with sums_o: they are stored as that group
//   sums_o        modulo 2^32: {row 1 col 1, row 1 col 0, row 0 col 1, row 0 col 0}
//
//   LATE          1: column 1's sums leave the accumulators in their own time, and make room for those
//                 of column 0 before the lanes. late_read_i is that column's read_i, and two cycles after
//                 it sums_o has what the group had then. While sums are restarted it may be any group.
//
// Latency: sums_o come 14 cycles after place 0 had their b_i when split, else 20; read_i is due two
// cycles before.
module ng_dsp_pair #(
  parameter LATE = 0
) (
  input  wire         clk_i,
  input  wire         ce_i,
  input  wire         split_i,
  input  wire [15:0]  load_i,
  input  wire [15:0]  take_i,
  input  wire [16:0]  a_even_i,  // {row 1, row 0}
  input  wire [16:0]  a_odd_i,
  input  wire [287:0] b_even_i,
  input  wire [287:0] b_odd_i,
  input  wire [15:0]  b_even_bit_i,
  input  wire [15:0]  b_odd_bit_i,
  input  wire [11:0]  b_even_signs_i,
  input  wire [11:0]  b_odd_signs_i,
  input  wire [3:0]   read_i,
  input  wire [3:0]   late_read_i,
  input  wire         restart_i,
  input  wire         write_i,
  input  wire [3:0]   group_i,
  output wire [127:0] sums_o
);
  // Sub-chains: even low, even high, odd low, odd high.
  wire [47:0] packed_sum [0:3];
  wire [2:0]  majority [0:3];
  wire        even_parity, odd_parity;
  ng_dsp_chain even (
    .clk_i(clk_i), .ce_i(ce_i), .split_i(split_i), .load_i(load_i), .take_i(take_i),
    .a0_i(a_even_i[7:0]), .a1_i(a_even_i[16:8]), .b_i(b_even_i), .b_bit_i(b_even_bit_i),
    .b_signs_i(b_even_signs_i), .low_o(packed_sum[0]), .high_o(packed_sum[1]),
    .parity_o(even_parity), .low_majority_o(majority[0]), .high_majority_o(majority[1])
  );
  ng_dsp_chain odd (
    .clk_i(clk_i), .ce_i(ce_i), .split_i(split_i), .load_i(load_i), .take_i(take_i),
    .a0_i(a_odd_i[7:0]), .a1_i(a_odd_i[16:8]), .b_i(b_odd_i), .b_bit_i(b_odd_bit_i),
    .b_signs_i(b_odd_signs_i), .low_o(packed_sum[2]), .high_o(packed_sum[3]),
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

  // 4: added to what the group has. Bytes come straight from stage 1.
  // Block RAM: nearly empty, but as LUTs it would cost a quarter more of them.
  (* ram_style = "block" *) reg [63:0] column0 [0:15];
  (* ram_style = "block" *) reg [63:0] column1 [0:15];
  reg  [63:0]  prior0, prior1;
  reg  [127:0] sums;
  wire [127:0] total;
  wire [127:0] byte_addend = {{{12{lanes[3][37]}}, lanes[3][37:18]},
                              {{12{lanes[1][37]}}, lanes[1][37:18]},
                              {{13{odd_negative}}, odd_negative, lanes[3][17:0]},
                              {{13{even_negative}}, even_negative, lanes[1][17:0]}};
  wire [127:0] nibble_addend;
  wire [3:0]   carry = split_i ? {sign3_3, 1'b0} : {odd_negative, even_negative, 2'b11};
  reg          fresh;  // LATE: nothing is added to column 1's sums
  generate
    for (g = 0; g < 4; g = g + 1) begin : gen_total
      assign nibble_addend[32*g +: 32] = {{18{nibble_sum[g][13]}}, nibble_sum[g]};
      ng_dsp_gated_add add (
        .fresh_i(LATE != 0 && g % 2 == 1 && fresh), .choose_i(split_i),
        .x_i((g % 2 == 1) ? prior1[32*(g/2) +: 32] : prior0[32*(g/2) +: 32]),
        .y_i(byte_addend[32*g +: 32]), .z_i(nibble_addend[32*g +: 32]), .carry_i(carry[g]),
        .sum_o(total[32*g +: 32])
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
      even_negative <= packed_sum[1][18] ^ even_parity;
      odd_negative <= packed_sum[3][18] ^ odd_parity;
      for (l = 0; l < 4; l = l + 1) begin
        three_sum[l] <= three_add[l];
        fourth[l] <= lane[3][l];
        nibble_sum[l] <= nibble_add[l][14:1];
      end
      sums <= total;
      sign2_2 <= sign[2];
      sign3_2 <= sign[3];
      sign3_3 <= sign3_2;
      fresh <= restart_i;
      if (write_i) column0[group_i] <= {sums[95:64], sums[31:0]};
      if (write_i) column1[group_i] <= {sums[127:96], sums[63:32]};
    end
    if (restart_i) prior0 <= 64'd0;
    else if (ce_i) prior0 <= column0[read_i];
  end
  generate
    if (LATE != 0) begin : gen_late
      reg [63:0] late;
      always @(posedge clk_i) begin
        if (ce_i) {late, prior1} <= {prior1, column1[late_read_i]};
      end
      assign sums_o = {late[63:32], sums[95:64], late[31:0], sums[31:0]};
      wire unused = ^read_i;
    end else begin : gen_prompt
      always @(posedge clk_i) begin
        if (restart_i) prior1 <= 64'd0;
        else if (ce_i) prior1 <= column1[read_i];
      end
      assign sums_o = sums;
      wire unused = ^{late_read_i, fresh};
    end
  endgenerate

  wire unused = ^{packed_sum[0][47:45], packed_sum[1][47:45], packed_sum[2][47:45],
                  packed_sum[3][47:45]};
endmodule
