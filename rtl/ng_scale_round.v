// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_scale_round: fl( sum · 2^sum_exponent · a_scale · b_scale ), nine stages (ng_scale_add says what the
// ports and parameters are).
module ng_scale_round #(
  parameter SUM = 72,
  parameter POWERS = 0
) (
  input  wire           clk_i,
  input  wire           ce_i,
  input  wire           is_float_i,
  input  wire [11:0]    sum_exponent_i,
  input  wire [SUM-1:0] sum_i,
  input  wire [2:0]     special_i,
  input  wire [35:0]    a_scale_i,
  input  wire [35:0]    b_scale_i,
  output wire [31:0]    value_o
);
  localparam [31:0] QUIET_NAN = 32'h7FC00000;
  // Bits of a scaled sum, and of a number as wide that counts its zeros.
  localparam VALUE = (SUM > 60) ? 72 : (POWERS != 0 && SUM == 32) ? 32 : 60;
  localparam COUNT = (VALUE > 64) ? 7 : (VALUE > 32) ? 6 : 5;
  localparam TREE = 1 << COUNT;

  // 1: sign and magnitude. An integer has 32 bits.
  wire           sum_sign;
  wire [SUM-1:0] inverted;
  generate
    if (SUM > 32) begin : gen_float
      assign sum_sign = is_float_i ? sum_i[SUM-1] : sum_i[31];
      assign inverted = {(sum_i[SUM-1:32] ^ {(SUM-32){sum_sign}}) & {(SUM-32){is_float_i}},
                         sum_i[31:0] ^ {32{sum_sign}}};
    end else begin : gen_integer
      assign sum_sign = sum_i[31];
      assign inverted = sum_i ^ {32{sum_sign}};
    end
  endgenerate
  // A power of two is never 0: its significand is 1.
  wire zero_scale = (POWERS == 0) && ((a_scale_i[23:0] == 24'd0) || (b_scale_i[23:0] == 24'd0));
  reg  [71:0] magnitude1;
  reg  signed [11:0] scales_exponent1, exponent2, exponent3, exponent4;
  reg  [2:0]  kind1, kind2, kind3, kind4;  // {NaN, infinite, sign}
  wire [SUM+71:0] magnitude = {72'd0, inverted + {{(SUM-1){1'b0}}, sum_sign}};
  always @(posedge clk_i) begin
    if (ce_i) begin
      magnitude1 <= magnitude[71:0];
      scales_exponent1 <= $signed({{2{a_scale_i[33]}}, a_scale_i[33:24]}) +
                          $signed({{2{b_scale_i[33]}}, b_scale_i[33:24]});
      exponent2 <= scales_exponent1 + $signed(sum_exponent_i);
      {exponent4, exponent3} <= {exponent3, exponent2};
      kind1 <= {special_i[2] || (special_i[1] && special_i[0]) || a_scale_i[34] || b_scale_i[34] ||
                    (special_i != 3'b000 && zero_scale),
                special_i != 3'b000,
                ((special_i != 3'b000) ? special_i[1] : sum_sign) ^ a_scale_i[35] ^ b_scale_i[35]};
      {kind4, kind3, kind2} <= {kind3, kind2, kind1};
    end
  end

  // 2 to 4: times the scales' significands.
  wire [VALUE-1:0] value4;
  reg  [71:0]      kept2, kept3;
  always @(posedge clk_i) if (ce_i) {kept3, kept2} <= {kept2, magnitude1};
  generate
    if (POWERS != 0) begin : gen_powers
      reg [VALUE-1:0] kept4;
      always @(posedge clk_i) if (ce_i) kept4 <= kept3[VALUE-1:0];
      assign value4 = kept4;
      wire unused = ^kept3;
    end else begin : gen_product
      wire        a_small = (a_scale_i[23:4] == 20'd0);
      reg  [23:0] large1;
      reg  [3:0]  small1;
      reg  [27:0] scale2;
      reg  [42:0] low3;
      reg  [40:0] high3;
      reg  [33:0] top3;
      wire [71:0] product3 = is_float_i ? kept3 :
                             {12'd0, {17'd0, low3} + {2'd0, high3, 17'd0} + {top3, 26'd0}};
      reg  [VALUE-1:0] product4;
      always @(posedge clk_i) begin
        if (ce_i) begin
          large1 <= a_small ? b_scale_i[23:0] : a_scale_i[23:0];
          small1 <= a_small ? a_scale_i[3:0] : b_scale_i[3:0];
          scale2 <= {4'd0, large1} * {24'd0, small1};
          low3 <= {26'd0, kept2[16:0]} * {17'd0, scale2[25:0]};
          high3 <= {26'd0, kept2[31:17]} * {15'd0, scale2[25:0]};
          top3 <= {2'd0, kept2[31:0]} * {32'd0, scale2[27:26]};
          product4 <= product3[VALUE-1:0];
        end
      end
      wire unused = ^product3;
      assign value4 = product4;
    end
  endgenerate

  // 5: zeros before it, and how far left the smallest exponent lets it go: 26 bits stand before the
  // value, and the top 26 bits are kept in the end.
  wire [TREE-1:0]  tree4;
  assign tree4[TREE-1:TREE-VALUE] = value4[VALUE-1:0];
  generate
    if (TREE > VALUE) begin : gen_fill
      assign tree4[TREE-VALUE-1:0] = {(TREE-VALUE){1'b0}};
    end
  endgenerate
  wire [COUNT-1:0] zeros4;
  wire             any4;
  ng_leading_zeros #(.BITS(COUNT), .WIDTH(TREE)) leading (
    .value_i(tree4), .zeros_o(zeros4), .any_o(any4)
  );
  localparam signed [12:0] ROOM = VALUE + 151;
  wire signed [12:0] room4 = {exponent4[11], exponent4} + ROOM;
  reg  [VALUE-1:0] value5, value6;
  reg  [COUNT-1:0] zeros5;
  reg  [11:0]      room5, room6, exponent7, exponent8;
  reg  [2:0]       kind5, kind6, kind7, kind8;
  // 6: how far left it goes.
  reg  [6:0]       left6;
  wire [6:0]       wanted5 = {{(7-COUNT){1'b0}}, zeros5} + 7'd26;
  always @(posedge clk_i) begin
    if (ce_i && (room4[12] || !any4)) room5 <= 12'd0;
    else if (ce_i) room5 <= room4[11:0];
    if (ce_i) begin
      value5 <= value4[VALUE-1:0];
      zeros5 <= zeros4;
      value6 <= value5;
      left6 <= (room5 < {5'd0, wanted5}) ? room5[6:0] : wanted5;
      room6 <= room5;
      exponent7 <= room6 - {5'd0, left6};
      exponent8 <= exponent7;
      {kind8, kind7, kind6, kind5} <= {kind7, kind6, kind5, kind4};
    end
  end

  // 7: left by sixteens and fours. 8: by ones. What is below is kept as one bit.
  localparam STEPS = (VALUE + 26 + 15) / 16;
  wire [VALUE+25:0] window6 = {26'd0, value6};
  wire [40:0]       sixteens6;
  wire              lost_sixteens6;
  wire [28:0]       fours6;
  wire [25:0]       ones7;
  reg  [28:0]       fours7;
  reg  [1:0]        left7;
  reg               lost7;
  reg  [25:0]       kept8;
  wire [3:0]        lost_fours6 = {1'b0, sixteens6[3:0] != 4'd0, sixteens6[7:0] != 8'd0,
                                   sixteens6[11:0] != 12'd0};
  wire [3:0]        lost_ones7 = {1'b0, fours7[0], fours7[1:0] != 2'd0, fours7[2:0] != 3'd0};
  genvar b, s;
  generate
    for (b = 0; b < 41; b = b + 1) begin : gen_sixteens
      wire [7:0] choice;
      for (s = 0; s < 8; s = s + 1) begin : gen_choice
        if (VALUE - 15 - 16*s + b >= 0) begin : gen_bit
          assign choice[s] = window6[VALUE-15-16*s+b];
        end else begin : gen_none
          assign choice[s] = 1'b0;
        end
      end
      assign sixteens6[b] = choice[left6[6:4]];
    end
    wire [7:0] lost;
    for (s = 0; s < 8; s = s + 1) begin : gen_lost
      if (s < STEPS && VALUE - 16 - 16*s >= 0) begin : gen_some
        assign lost[s] = (value6[VALUE-16-16*s:0] != 0);
      end else begin : gen_none
        assign lost[s] = 1'b0;
      end
    end
    assign lost_sixteens6 = lost[left6[6:4]];
    for (b = 0; b < 29; b = b + 1) begin : gen_fours
      wire [3:0] choice = {sixteens6[b], sixteens6[b+4], sixteens6[b+8], sixteens6[b+12]};
      assign fours6[b] = choice[left6[3:2]];
    end
    for (b = 0; b < 26; b = b + 1) begin : gen_ones
      wire [3:0] choice = {fours7[b], fours7[b+1], fours7[b+2], fours7[b+3]};
      assign ones7[b] = choice[left7];
    end
  endgenerate

  // 9: rounded. A carry out of the significand moves into the exponent, as it should.
  wire        up8 = kept8[1] && (kept8[0] || kept8[2]);
  wire [35:0] packed8 = {1'b0, exponent8, 23'd0} + {12'd0, kept8[25:2]} + {35'd0, up8};
  wire        full8 = kind8[1] || (packed8[35:31] != 5'd0) || (packed8[30:23] == 8'hFF);
  reg  [31:0] value9;
  always @(posedge clk_i) begin
    if (ce_i) begin
      fours7 <= fours6;
      left7 <= left6[1:0];
      lost7 <= lost_sixteens6 || lost_fours6[left6[3:2]];
      kept8 <= {ones7[25:1], ones7[0] || lost7 || lost_ones7[left7]};
      value9 <= kind8[2] ? QUIET_NAN :
                {kind8[0], packed8[30:23] | {8{full8}}, packed8[22:0] & {23{!full8}}};
    end
  end
  assign value_o = value9;

  wire unused_bits = ^{magnitude, is_float_i};
endmodule
