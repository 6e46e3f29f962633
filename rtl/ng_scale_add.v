// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_scale_add: one lane of scale-and-accumulate, twelve stages, one value a cycle:
//
//     result = fl( accumulator + fl( sum · 2^sum_exponent · a_scale · b_scale ) )
//
// each fl() one rounding to binary32 (nearest, ties to even; subnormals; every NaN 0x7FC00000), or,
// when is_raw_i, the low 32 bits of the sum.
//
//   sum_i, special_i   exact sum of a block; {NaN, -infinity, +infinity} among its products
//   a_scale_i, b_scale_i   {sign, NaN, signed exponent[9:0], significand[23:0]}; the product of the
//                      significands fits 28 bits, and is 1 when is_float_i
//   accumulator_i      wanted in stage 8, when stage 7 holds the value that was given 7 cycles ago
//   result_o           the register of stage 12
module ng_scale_add #(
  parameter SUM = 72
) (
  input  wire           clk_i,
  input  wire           ce_i,
  input  wire           is_raw_i,
  input  wire           is_float_i,
  input  wire [11:0]    sum_exponent_i,
  input  wire [SUM-1:0] sum_i,
  input  wire [2:0]     special_i,
  input  wire [35:0]    a_scale_i,
  input  wire [35:0]    b_scale_i,
  input  wire [31:0]    accumulator_i,
  output wire [31:0]    result_o
);
  localparam [31:0] QUIET_NAN = 32'h7FC00000;
  localparam [30:0] INFINITY  = 31'h7F800000;

  // 1: sign and magnitude, the product of the scales.
  wire [SUM-1:0] negated = {SUM{1'b0}} - sum_i;
  wire int_sign = sum_i[31];
  wire [27:0] significands = {4'd0, a_scale_i[23:0]} * {4'd0, b_scale_i[23:0]};
  wire zero_scale = (a_scale_i[23:0] == 24'd0) || (b_scale_i[23:0] == 24'd0);
  wire scale_sign = a_scale_i[35] ^ b_scale_i[35];
  reg  [SUM-1:0] magnitude1;
  reg  [27:0]    scale1;
  reg  signed [11:0] exponent1;
  reg            sign1, nan1, infinite1;
  // 2, 3: their product (an integer's; a kFloat sum is scaled by a power of two only).
  reg  [SUM-1:0] scaled2, scaled3;
  reg  signed [11:0] exponent2, exponent3;
  reg            sign2, sign3, nan2, nan3, infinite2, infinite3;
  // 4, 5: leading one to the top bit.
  reg  [SUM-1:0] top4, top5;
  reg  signed [11:0] exponent4, exponent5;  // of the top bit
  reg            sign4, sign5, nan4, nan5, infinite4, infinite5;
  reg            zero4, zero5;
  // 6: subnormals to their place.
  reg  [25:0]    kept6;        // 24 bits, the half, the rest
  reg  signed [11:0] exponent6;
  reg            subnormal6, sign6, nan6, infinite6;
  // 7: rounded.
  reg  [31:0]    value7;

  wire [59:0] int_product = magnitude1[31:0] * scale1;
  always @(posedge clk_i) begin
    if (ce_i) begin
      if (is_raw_i) magnitude1 <= {{(SUM-32){1'b0}}, sum_i[31:0]};
      else if (is_float_i) magnitude1 <= sum_i[SUM-1] ? negated : sum_i;
      else magnitude1 <= {{(SUM-32){1'b0}}, int_sign ? negated[31:0] : sum_i[31:0]};
      scale1 <= significands;
      exponent1 <= $signed(sum_exponent_i) + $signed({{2{a_scale_i[33]}}, a_scale_i[33:24]}) +
                   $signed({{2{b_scale_i[33]}}, b_scale_i[33:24]});
      sign1 <= ((special_i != 3'b000) ? special_i[1] : is_float_i ? sum_i[SUM-1] : int_sign) ^
               scale_sign;
      nan1 <= special_i[2] || (special_i[1] && special_i[0]) || a_scale_i[34] || b_scale_i[34] ||
              (special_i != 3'b000 && zero_scale);
      infinite1 <= (special_i != 3'b000);

      scaled2 <= (is_raw_i || is_float_i) ? magnitude1 : {{(SUM-60){1'b0}}, int_product};
      {exponent2, sign2, nan2, infinite2} <= {exponent1, sign1, nan1, infinite1};
      scaled3 <= scaled2;
      {exponent3, sign3, nan3, infinite3} <= {exponent2, sign2, nan2, infinite2};
    end
  end

  // Leading zeros in steps of 8, then of 1.
  reg [3:0] bytes3;
  reg [2:0] bits4;
  integer i, j;
  always @* begin
    bytes3 = 4'd0;
    for (i = 0; i < SUM / 8; i = i + 1) if (scaled3[8*i +: 8] != 8'd0) bytes3 = 4'd8 - i[3:0];
    bits4 = 3'd0;
    for (j = 0; j < 8; j = j + 1) if (top4[SUM-8+j]) bits4 = 3'd7 - j[2:0];
  end

  // A subnormal's distance, and what its shift cuts off.
  wire signed [11:0] deficit5 = -12'sd126 - exponent5;
  wire subnormal5 = (deficit5 > 12'sd0) || zero5;
  wire [4:0] right5 = !subnormal5 || zero5 ? 5'd0 : (deficit5 > 12'sd26) ? 5'd26 : deficit5[4:0];
  wire [51:0] placed5 = {top5[SUM-1:SUM-26], 26'd0} >> right5;
  wire rest5 = (placed5[26:0] != 27'd0) || (top5[SUM-27:0] != {(SUM-26){1'b0}});

  wire up6 = kept6[1] && (kept6[0] || kept6[2]);
  wire signed [11:0] biased6 = subnormal6 ? 12'sd0 : exponent6 + 12'sd126;
  // A carry out of the significand moves into the exponent, as it should.
  wire [35:0] packed6 = {1'b0, biased6, 23'd0} + {12'd0, kept6[25:2]} + {35'd0, up6};
  wire overflow6 = (packed6 >= {5'd0, INFINITY}) || infinite6;

  always @(posedge clk_i) begin
    if (ce_i) begin
      top4 <= is_raw_i ? scaled3 : scaled3 << {bytes3, 3'b000};
      exponent4 <= exponent3 + $signed(12'd71 - {5'd0, bytes3, 3'b000});
      zero4 <= (scaled3 == {SUM{1'b0}});
      {sign4, nan4, infinite4} <= {sign3, nan3, infinite3};

      top5 <= is_raw_i ? top4 : top4 << bits4;
      exponent5 <= exponent4 - $signed({9'd0, bits4});
      zero5 <= zero4;
      {sign5, nan5, infinite5} <= {sign4, nan4, infinite4};

      // The raw integer goes on in pieces.
      kept6 <= is_raw_i ? top5[25:0] : {placed5[51:27], rest5};
      exponent6 <= is_raw_i ? {6'd0, top5[31:26]} : exponent5;
      subnormal6 <= subnormal5;
      {sign6, nan6, infinite6} <= {sign5, nan5, infinite5};

      value7 <= is_raw_i ? {exponent6[5:0], kept6} :
                nan6 ? QUIET_NAN : {sign6, overflow6 ? INFINITY : packed6[30:0]};
    end
  end

  // 8: the larger magnitude first. Significands carry three bits more than a binary32.
  wire swap7 = value7[30:0] > accumulator_i[30:0];
  wire [31:0] large7 = swap7 ? value7 : accumulator_i;
  wire [31:0] small7 = swap7 ? accumulator_i : value7;
  wire [7:0] large_exponent7 = (large7[30:23] == 8'd0) ? 8'd1 : large7[30:23];
  wire [7:0] small_exponent7 = (small7[30:23] == 8'd0) ? 8'd1 : small7[30:23];
  reg  [31:0] raw8, raw9, raw10, raw11;
  reg  [26:0] large8, small8;
  reg  [7:0]  exponent8, distance8;
  reg         sign8, subtract8, nan8, infinite8;
  // 9: aligned, the bits below kept as one.
  reg  [26:0] large9, small9;
  reg  [7:0]  exponent9;
  reg         sign9, subtract9, nan9, infinite9, both_negative8, both_negative9, both_negative10;
  // 10: added.
  reg  [27:0] sum10;
  reg  [7:0]  exponent10;
  reg         sign10, nan10, infinite10;
  // 11: normalised.
  reg  [26:0] sum11;
  reg  [8:0]  exponent11;
  reg         sign11, nan11, infinite11;
  // 12: rounded.
  reg  [31:0] result12;

  wire large_nan7 = (large7[30:0] > INFINITY);
  wire large_infinite7 = (large7[30:0] == INFINITY);
  wire small_infinite7 = (small7[30:0] == INFINITY);
  wire [53:0] shifted8 = {small8, 27'd0} >> ((distance8 > 8'd27) ? 8'd27 : distance8);
  reg  [4:0]  zeros10;
  integer n;
  always @* begin
    zeros10 = 5'd27;
    for (n = 0; n < 27; n = n + 1) if (sum10[n]) zeros10 = 5'd26 - n[4:0];
  end
  // Never further left than to exponent 1: what stays below is a subnormal.
  wire [7:0] room10 = exponent10 - 8'd1;
  wire [4:0] left10 = (room10 < {3'd0, zeros10}) ? room10[4:0] : zeros10;
  wire up11 = sum11[2] && (sum11[1] || sum11[0] || sum11[3]);
  wire [32:0] packed11 = {1'b0, sum11[26] ? exponent11 : 9'd0, 23'd0} + {10'd0, sum11[25:3]} +
                         {32'd0, up11};
  wire overflow11 = (packed11 >= {2'd0, INFINITY}) || infinite11;

  always @(posedge clk_i) begin
    if (ce_i) begin
      raw8 <= value7;
      large8 <= {large7[30:23] != 8'd0, large7[22:0], 3'd0};
      small8 <= {small7[30:23] != 8'd0, small7[22:0], 3'd0};
      exponent8 <= large_exponent7;
      distance8 <= large_exponent7 - small_exponent7;
      sign8 <= large7[31];
      subtract8 <= large7[31] ^ small7[31];
      both_negative8 <= large7[31] & small7[31];
      nan8 <= large_nan7 || (large_infinite7 && small_infinite7 && (large7[31] ^ small7[31]));
      infinite8 <= large_infinite7;

      raw9 <= raw8;
      large9 <= large8;
      small9 <= {shifted8[53:28], shifted8[27] || (shifted8[26:0] != 27'd0)};
      exponent9 <= exponent8;
      {sign9, subtract9, both_negative9, nan9, infinite9} <=
          {sign8, subtract8, both_negative8, nan8, infinite8};

      raw10 <= raw9;
      sum10 <= subtract9 ? {1'b0, large9} - {1'b0, small9} : {1'b0, large9} + {1'b0, small9};
      exponent10 <= exponent9;
      {sign10, both_negative10, nan10, infinite10} <= {sign9, both_negative9, nan9, infinite9};

      raw11 <= raw10;
      sum11 <= sum10[27] ? {sum10[27:2], sum10[1] || sum10[0]} : sum10[26:0] << left10;
      exponent11 <= sum10[27] ? {1'b0, exponent10} + 9'd1 : {1'b0, exponent10} - {4'd0, left10};
      // An exact zero is +0 unless both addends were -0.
      sign11 <= (sum10 == 28'd0) ? both_negative10 : sign10;
      {nan11, infinite11} <= {nan10, infinite10};

      result12 <= is_raw_i ? raw11 :
                  nan11 ? QUIET_NAN : {sign11, overflow11 ? INFINITY : packed11[30:0]};
    end
  end
  assign result_o = result12;
endmodule
