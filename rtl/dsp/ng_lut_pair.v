// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_lut_pair: what ng_dsp_pair does when split, in LUTs: two rows and two columns, 128 products of nibbles a
// cycle, their sums added exactly to one of 16 groups of four 32-bit accumulators.
//
// A row's operand stays for 16 cycles: its multiples are in a table in LUT RAM, for both rows in one, and a
// column's magnitude reads them. The lowest bit of a product is no multiple's, but an AND. The signs turn the
// products over where they are added: those of the two steps of a place first, then those of places p and p + 8
// to what comes from place p - 1.
//
//   write_i, write_at_i, read_half_i   of the tables (ng_lut_control)
//   multiples_i, odd_i, negative_i     ng_lut_rows
//   b_i                                ng_lut_columns
//   read_i, late_read_i, restart_i     ng_dsp_pair
//   store_i, group_i   with sums_o: they are stored as that group (write_i and group_i there)
//   sums_o        modulo 2^32: {row 1 col 1, row 1 col 0, row 0 col 1, row 0 col 0}
//
//   LATE          ng_dsp_pair
//
// Latency: as ng_dsp_pair's when split: sums_o come 14 cycles after place 0 had the DSPs' b_i, that is 11 after
// this module's.
module ng_lut_pair #(
  parameter LATE = 0
) (
  input  wire         clk_i,
  input  wire         ce_i,
  input  wire [15:0]  write_i,
  input  wire [79:0]  write_at_i,
  input  wire [15:0]  read_half_i,
  input  wire [447:0] multiples_i,
  input  wire [63:0]  odd_i,
  input  wire [63:0]  negative_i,
  input  wire [319:0] b_i,
  input  wire [3:0]   read_i,
  input  wire [3:0]   late_read_i,
  input  wire         restart_i,
  input  wire         store_i,
  input  wire [3:0]   group_i,
  output wire [127:0] sums_o
);
  // 1: products. Their number is 8 · place + 4 · step + 2 · row + column.
  reg  [1023:0] products;
  reg  [127:0]  negative;
  wire [1023:0] found;
  wire [127:0]  found_negative;
  genvar p, s, c, r, g;
  generate
    for (p = 0; p < 16; p = p + 1) begin : gen_place
      wire [4:0] write_at = write_at_i[5*p +: 5];
      for (s = 0; s < 2; s = s + 1) begin : gen_step
        wire [13:0] multiples = multiples_i[14*(2*p+s) +: 14];
        for (c = 0; c < 2; c = c + 1) begin : gen_column
          wire [4:0]  b = b_i[5*(4*p+2*s+c) +: 5];
          wire [4:0]  read_at = {read_half_i[p], b[3:0]};
          (* ram_style = "distributed" *) reg [13:0] multiple [0:31];
          wire [13:0] both = multiple[read_at];
          always @(posedge clk_i) if (write_i[p]) multiple[write_at] <= multiples;
          for (r = 0; r < 2; r = r + 1) begin : gen_row
            localparam N = 8*p + 4*s + 2*r + c;
            // O5: the lowest bit; O6: the sign.
            LUT6_2 #(.INIT(64'h0FF00FF0_88888888)) lut (
              .O6(found_negative[N]), .O5(found[8*N]), .I0(odd_i[4*p+2*s+r]), .I1(b[0]),
              .I2(negative_i[4*p+2*s+r]), .I3(b[4]), .I4(1'b0), .I5(1'b1)
            );
            assign found[8*N+1 +: 7] = both[7*r +: 7];
          end
        end
      end
    end
  endgenerate
  always @(posedge clk_i) if (ce_i) {negative, products} <= {found_negative, found};

  // 2: the two steps of a place. 3: places p and p + 8, and those before. The 1 that is missing of a negative
  // second step's product is a carry there.
  wire [639:0] two_add;    // number 4 · place + 2 · row + column
  reg  [639:0] two_sum;
  reg  [63:0]  negative2;
  wire [55:0]  nibble_sum;
  generate
    for (p = 0; p < 16; p = p + 1) begin : gen_two
      for (g = 0; g < 4; g = g + 1) begin : gen_sum
        localparam N = 8*p + g;
        ng_lut_add two (
          .x_negative_i(negative[N]), .y_negative_i(negative[N+4]), .x_i(products[8*N +: 8]),
          .y_i(products[8*(N+4) +: 8]), .sum_o(two_add[10*(4*p+g) +: 10])
        );
        always @(posedge clk_i) if (ce_i) negative2[4*p+g] <= negative[N+4];
      end
    end
    for (g = 0; g < 4; g = g + 1) begin : gen_cascade
      wire [13:0] coming [0:8];  // what comes to place p
      assign coming[0] = 14'd0;
      for (p = 0; p < 8; p = p + 1) begin : gen_place
        // Four products of at most 144 each place.
        localparam WIDTH = (p == 0) ? 11 : (p < 3) ? 12 : (p < 7) ? 13 : 14;
        wire [WIDTH-1:0] sum;
        reg  [WIDTH-1:0] sum_late;
        wire [9:0]       low = two_sum[10*(4*p+g) +: 10];
        wire [9:0]       high = two_sum[10*(4*(p+8)+g) +: 10];
        wire [13:0]      from = coming[p];
        ng_dsp_add3 #(.WIDTH(WIDTH)) three (
          .x_i(from[WIDTH-1:0]), .y_i({{(WIDTH-10){low[9]}}, low}), .z_i({{(WIDTH-10){high[9]}}, high}),
          .carry_i({negative2[4*(p+8)+g], negative2[4*p+g]}), .sum_o(sum)
        );
        always @(posedge clk_i) if (ce_i) sum_late <= sum;
        if (WIDTH < 14) begin : gen_wider
          assign coming[p+1] = {{(14-WIDTH){sum_late[WIDTH-1]}}, sum_late};
          wire unused = ^from;
        end else begin : gen_whole
          assign coming[p+1] = sum_late;
        end
      end
      assign nibble_sum[14*g +: 14] = coming[8];
    end
  endgenerate
  always @(posedge clk_i) if (ce_i) two_sum <= two_add;

  // 4: added to what the group has (ng_dsp_pair).
  (* ram_style = "block" *) reg [63:0] column0 [0:15];
  (* ram_style = "block" *) reg [63:0] column1 [0:15];
  reg  [63:0]  prior0, prior1, sums0, sums1;  // {row 1, row 0}
  wire [127:0] prior = {prior1[63:32], prior0[63:32], prior1[31:0], prior0[31:0]};
  wire [127:0] total;
  reg          fresh;  // LATE: nothing is added to column 1's sums
  generate
    for (g = 0; g < 4; g = g + 1) begin : gen_total
      ng_dsp_gated_add add (
        .fresh_i(LATE != 0 && g % 2 == 1 && fresh), .choose_i(1'b1), .x_i(prior[32*g +: 32]), .y_i(32'd0),
        .z_i({{18{nibble_sum[14*g+13]}}, nibble_sum[14*g +: 14]}), .carry_i(1'b0),
        .sum_o(total[32*g +: 32])
      );
    end
  endgenerate
  always @(posedge clk_i) begin
    if (ce_i) begin
      sums0 <= {total[95:64], total[31:0]};
      sums1 <= {total[127:96], total[63:32]};
      fresh <= restart_i;
      if (store_i) column0[group_i] <= sums0;
      if (store_i) column1[group_i] <= sums1;
    end
    if (restart_i) prior0 <= 64'd0;
    else if (ce_i) prior0 <= column0[read_i];
  end
  generate
    if (LATE != 0) begin : gen_late
      reg [63:0] late;
      always @(posedge clk_i) if (ce_i) {late, prior1} <= {prior1, column1[late_read_i]};
      assign sums_o = {late[63:32], sums0[63:32], late[31:0], sums0[31:0]};
    end else begin : gen_prompt
      always @(posedge clk_i) begin
        if (restart_i) prior1 <= 64'd0;
        else if (ce_i) prior1 <= column1[read_i];
      end
      assign sums_o = {sums1[63:32], sums0[63:32], sums1[31:0], sums0[31:0]};
      wire unused = ^{late_read_i, fresh};
    end
  endgenerate
endmodule
