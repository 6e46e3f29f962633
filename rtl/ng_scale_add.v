// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_scale_add: one lane of scale-and-accumulate, 17 stages of at most six LUTs, one value a cycle:
//
//     result = fl( accumulator + fl( sum · 2^sum_exponent · a_scale · b_scale ) )
//
// each fl() one rounding to binary32 (nearest, ties to even; subnormals; every NaN 0x7FC00000), or,
// when is_raw_i, the low 32 bits of the sum, after one stage.
//
//   SUM           bits of a sum: 72; of packed DSPs 54, or 32 where there are no kFloat sums
//   POWERS        1: scales are powers of two, and there are no multipliers
//   SOURCES       2: sum_i are two sums, of which later_i chooses the upper one; 3: three, of which
//                 the uppermost is for is_float_i; else there is one
//   sum_i, special_i   exact sum of a block; {NaN, -infinity, +infinity} among its products
//   a_scale_i, b_scale_i   {sign, NaN, signed exponent[9:0], significand[23:0]}; at most one of the
//                      significands is above 15, and both are 1 when is_float_i
//   accumulator_i, opening_i   wanted while stage 8 holds the value; opening_i: 0 in its place
//   result_o      the register of stage 17
//
// Both roundings work alike: a significand moves left by the zeros before it, or as far as the
// smallest exponent allows when that is less, so that subnormals come out by themselves.
module ng_scale_add #(
  parameter SUM = 72,
  parameter POWERS = 0,
  parameter SOURCES = 1
) (
  input  wire           clk_i,
  input  wire           ce_i,
  input  wire           is_raw_i,
  input  wire           is_float_i,
  input  wire [11:0]    sum_exponent_i,
  input  wire           later_i,
  input  wire [SOURCES*SUM-1:0] sum_i,
  input  wire [2:0]     special_i,
  input  wire [35:0]    a_scale_i,
  input  wire [35:0]    b_scale_i,
  input  wire [31:0]    accumulator_i,
  input  wire           opening_i,
  output wire [31:0]    result_o
);
  // The choice of a source shares the LUTs of the sum's inversion, and of the raw result.
  localparam LATER = (SOURCES > 1) ? SUM : 0;
  wire [SUM-1:0] sum = (SOURCES == 3 && is_float_i) ? sum_i[SOURCES*SUM-1 -: SUM] :
                       later_i ? sum_i[LATER +: SUM] : sum_i[SUM-1:0];

  // 1 to 9: the scaled sum, rounded.
  wire [31:0] value9;
  ng_scale_round #(.SUM(SUM), .POWERS(POWERS)) scaled (
    .clk_i(clk_i), .ce_i(ce_i), .is_float_i(is_float_i), .sum_exponent_i(sum_exponent_i),
    .sum_i(sum), .special_i(special_i), .a_scale_i(a_scale_i), .b_scale_i(b_scale_i),
    .value_o(value9)
  );

  // 10: the larger magnitude first.
  reg  [31:0] accumulator9, large10, small10;
  wire        swap9 = value9[30:0] > accumulator9[30:0];
  always @(posedge clk_i) begin
    if (ce_i && opening_i) accumulator9 <= 32'd0;
    else if (ce_i) accumulator9 <= accumulator_i;
    if (ce_i) begin
      large10 <= swap9 ? value9 : accumulator9;
      small10 <= swap9 ? accumulator9 : value9;
    end
  end

  // 11: significands, their distance (31: too far for any bit but the last).
  wire large_normal10 = (large10[30:23] != 8'd0);
  wire small_normal10 = (small10[30:23] != 8'd0);
  wire [7:0] distance10 = {large10[30:24], large10[23] || !large_normal10} -
                          {small10[30:24], small10[23] || !small_normal10};
  wire large_top10 = (large10[30:23] == 8'hFF);
  wire small_top10 = (small10[30:23] == 8'hFF);
  wire subtract10 = large10[31] ^ small10[31];
  reg  [23:0] large11, small11;
  reg  [4:0]  distance11;
  reg  [7:0]  exponent11, exponent12, exponent13, exponent14;
  // {special: NaN or infinity, NaN (it is special, too), sign, both negative}
  reg  [3:0]  kind11, kind12, kind13, kind14, kind15, kind16;
  reg         subtract11, subtract12;
  // 12: aligned, the bits below kept as one. 13: added. 14: zeros before it.
  reg  [26:0] large12, small12;
  reg  [27:0] sum13, sum14, sum15;
  reg  [4:0]  zeros14;
  reg         any14, any15;
  // 15: how far left. 16: moved; its exponent less the leading one that the significand adds.
  reg  [4:0]  left15;
  reg  [7:0]  exponent15, exponent16;
  reg  [26:0] sum16;
  // 17: rounded.
  reg  [31:0] result17;

  wire [53:0] shifted11 = {small11, 30'd0} >> distance11;
  wire [4:0]  zeros13;
  wire        any13;
  ng_leading_zeros #(.BITS(5), .WIDTH(32)) leading (
    .value_i({sum13, 4'd0}), .zeros_o(zeros13), .any_o(any13)
  );
  wire        limited14 = (exponent14[7:5] == 3'd0) && (exponent14[4:0] < zeros14);
  wire [27:0] moved15 = sum15 << left15;
  wire        up16 = sum16[2] && (sum16[1] || sum16[0] || sum16[3]);
  // A carry out of the significand moves into the exponent, as it should.
  wire [31:0] packed16 = {1'b0, exponent16, 23'd0} + {8'd0, sum16[26:3]} + {31'd0, up16};
  wire        full16 = kind16[3] || packed16[31] || (packed16[30:23] == 8'hFF);
  wire [31:0] value16 = {kind16[1] && !kind16[2], packed16[30:23] | {8{full16}},
                         (packed16[22] && !full16) || kind16[2], packed16[21:0] & {22{!full16}}};

  always @(posedge clk_i) begin
    if (ce_i && !any15) exponent16 <= 8'd0;
    else if (ce_i) exponent16 <= exponent15 - {3'd0, left15};
    if (ce_i) begin
      large11 <= {large_normal10, large10[22:0]};
      small11 <= {small_normal10, small10[22:0]};
      distance11 <= (distance10[7:5] != 3'd0) ? 5'd31 : distance10[4:0];
      exponent11 <= {large10[30:24], large10[23] || !large_normal10};
      subtract11 <= subtract10;
      kind11 <= {large_top10, large_top10 && (large10[22:0] != 23'd0 || (small_top10 && subtract10)),
                 large10[31], large10[31] && small10[31]};

      large12 <= {large11, 3'd0};
      small12 <= {shifted11[53:28], shifted11[27:0] != 28'd0};
      {exponent12, subtract12, kind12} <= {exponent11, subtract11, kind11};

      sum13 <= {1'b0, large12} + ({1'b0, small12} ^ {28{subtract12}}) + {27'd0, subtract12};
      {exponent13, kind13} <= {exponent12, kind12};

      {sum14, zeros14, any14} <= {sum13, zeros13, any13};
      {exponent14, kind14} <= {exponent13, kind13};

      // The top bit of 28 is one place above the larger significand's: room for the exponent itself.
      sum15 <= sum14;
      left15 <= limited14 ? exponent14[4:0] : zeros14;
      {exponent15, any15} <= {exponent14, any14};
      // An exact zero is +0 unless both addends were -0.
      kind15 <= {kind14[3:2], any14 ? kind14[1] : kind14[0], kind14[0]};

      sum16 <= {moved15[27:2], moved15[1] || moved15[0]};
      kind16 <= kind15;

      result17 <= is_raw_i ? sum[31:0] : value16;
    end
  end
  assign result_o = result17;

  wire unused = kind16[0];
endmodule
