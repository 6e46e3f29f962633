// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_dsp_chain: 16 DSP48E2 in cascade, and the few bits beside them that make their packed sums
// exact.
//
// Bytes (split_i low): (a0 + a1·2^18) · b, summed over 16 places, less one:
//     high = S0 − 1 + S1·2^18, |S0|, |S1| <= 2^18.
// S0 needs 19 bits and has 18; parity_o, the lowest bit of S1, is the bit that is missing. The 1 is
// there so that S0 = 2^18, all operands −128, fits.
//
// Nibbles (split_i high): (a0 + a1·2^22) · (b0 + b1·2^11) over twice 8 places, `low` and `high`:
//     S0 + S1·2^11 + S2·2^22 + S3·2^33, S0 = Σ a0·b0, S1 = Σ a0·b1, S2 = Σ a1·b0, S3 = Σ a1·b1.
// With operands of magnitude 12 a sum has magnitude 1,152 and a lane takes 1,023: near the ends the
// lanes' bits do not tell the sign. But a sum beyond 864 = 6 · 144 has at least seven products of
// its own sign, so most of any three products have it: *_majority_o, of S0, S1 and S2.
//
// Wide operands (wide_i, with WIDE 1): x of a row and y of a column, integers of 19 bits. A DSP multiplies
// 27 bits by 18: 2x · ⌊y / 2⌋ + x · (y mod 2) = x · y, the last product being the DSP's operand C or nothing:
//     high = Σ x·y, at most 16 · 2^36 < 2^47.
//
//   load_i, take_i, c_take_i   one bit for each place (ng_dsp_mac), low where ce_i is
//   a0_i, a1_i       row operands, for the place that load_i names; a1_i in units of 2^18, that is 16
//                    times a nibble, or a byte in 9 bits. Wide: a0_i is 0 and {a1_i, a_low_i, 0} is 2x
//   a_low_i          0 but for wide operands
//   c_i              x, for the place that c_take_i names
//   b_i              18 bits for each place; place p works a cycle later than place p − 1, when
//                    split modulo 8
//   b_low_i          wide: y mod 2 of every place, one cycle after its b_i, which is ⌊y / 2⌋; else 0
//   Three cycles after the last place's b_i its sums are in high_o, those of place 7 in low_o, and
//   parity_o and the majorities belong to the same cycle.
//   b_bit_i          bit 0 of b_i of two cycles ago
//   b_signs_i        {bit 17, bit 10} of b_i of places 5, 6, 7, 13, 14, 15 (the lowest first), of
//                    four, three and two cycles ago. These are the same for all chains of a column.
module ng_dsp_chain #(
  parameter WIDE = 0
) (
  input  wire         clk_i,
  input  wire         ce_i,
  input  wire         split_i,
  input  wire         wide_i,
  input  wire [15:0]  load_i,
  input  wire [15:0]  take_i,
  input  wire [15:0]  c_take_i,
  input  wire [7:0]   a0_i,
  input  wire [8:0]   a1_i,
  input  wire [16:0]  a_low_i,
  input  wire [18:0]  c_i,
  input  wire [287:0] b_i,
  input  wire [15:0]  b_low_i,
  input  wire [15:0]  b_bit_i,
  input  wire [11:0]  b_signs_i,
  output wire [47:0]  low_o,
  output wire [47:0]  high_o,
  output wire         parity_o,
  output wire [2:0]   low_majority_o,
  output wire [2:0]   high_majority_o
);
  wire [26:0] d = {{19{a0_i[7]}}, a0_i};
  wire [26:0] a = (WIDE != 0) ? {a1_i, a_low_i, 1'b0} : {a1_i, 18'd0};
  wire [47:0] c = (WIDE != 0) ? {{29{c_i[18]}}, c_i} : 48'd0;

  wire [47:0] cascade [0:15];
  wire [47:0] p [0:15];
  genvar i;
  generate
    for (i = 0; i < 16; i = i + 1) begin : gen_place
      ng_dsp_mac #(.PLACE(i == 0 ? 0 : i == 8 ? 2 : 1), .WIDE(WIDE)) mac (
        .clk_i(clk_i), .ce_i(ce_i), .split_i(split_i), .wide_i(wide_i), .load_i(load_i[i]),
        .take_i(take_i[i]), .a_i(a), .d_i(d), .b_i(b_i[18*i +: 18]), .low_i(b_low_i[i]), .c_i(c),
        .c_take_i(c_take_i[i]), .cascade_i(i == 0 ? 48'd0 : cascade[(i + 15) % 16]),
        .cascade_o(cascade[i]), .p_o(p[i])
      );
    end
  endgenerate
  assign low_o = p[7];
  assign high_o = p[15];

  // Parity of S1: the operands' lowest bits keep step with the DSPs' registers.
  wire [15:0] odd_taken;
  reg  [15:0] odd_late, parity;
  generate
    for (i = 0; i < 16; i = i + 1) begin : gen_odd
      reg loaded, taken;
      always @(posedge clk_i) begin
        if (load_i[i]) loaded <= a1_i[0];
        if (take_i[i]) taken <= loaded;
      end
      assign odd_taken[i] = taken;
    end
  endgenerate
  always @(posedge clk_i) begin
    if (ce_i) begin
      odd_late <= odd_taken;
      parity <= {parity[14:0], 1'b0} ^ (odd_late & b_bit_i);
    end
  end
  assign parity_o = parity[15];

  // Signs at places 5, 6, 7 and 13, 14, 15; the first of three waits for the last.
  wire [5:0] s0_taken, s1_taken;
  reg  [5:0] s0_late1, s1_late1;
  reg  [3:0] s0_late2, s1_late2;
  reg  [1:0] s0_late3, s1_late3;
  generate
    for (i = 0; i < 6; i = i + 1) begin : gen_sign
      localparam PLACE_OF = (i < 3) ? 5 + i : 10 + i;
      reg loaded0, loaded1, taken0, taken1;
      always @(posedge clk_i) begin
        if (load_i[PLACE_OF]) {loaded1, loaded0} <= {a1_i[8], a0_i[7]};
        if (take_i[PLACE_OF]) {taken1, taken0} <= {loaded1, loaded0};
      end
      assign {s1_taken[i], s0_taken[i]} = {taken1, taken0};
    end
  endgenerate
  always @(posedge clk_i) begin
    if (ce_i) begin
      s0_late1 <= s0_taken;
      s1_late1 <= s1_taken;
      s0_late2 <= {s0_late1[4:3], s0_late1[1:0]};
      s1_late2 <= {s1_late1[4:3], s1_late1[1:0]};
      s0_late3 <= {s0_late2[2], s0_late2[0]};
      s1_late3 <= {s1_late2[2], s1_late2[0]};
    end
  end

  function majority(input [2:0] x, input [2:0] y);
    reg [2:0] sign;
    begin
      sign = x ^ y;
      majority = (sign[0] && sign[1]) || (sign[0] && sign[2]) || (sign[1] && sign[2]);
    end
  endfunction
  reg [2:0] low_majority, high_majority;
  wire [2:0] low_s0 = {s0_late1[2], s0_late2[1], s0_late3[0]};
  wire [2:0] low_s1 = {s1_late1[2], s1_late2[1], s1_late3[0]};
  wire [2:0] high_s0 = {s0_late1[5], s0_late2[3], s0_late3[1]};
  wire [2:0] high_s1 = {s1_late1[5], s1_late2[3], s1_late3[1]};
  wire [2:0] low_b0 = {b_signs_i[4], b_signs_i[2], b_signs_i[0]};
  wire [2:0] low_b1 = {b_signs_i[5], b_signs_i[3], b_signs_i[1]};
  wire [2:0] high_b0 = {b_signs_i[10], b_signs_i[8], b_signs_i[6]};
  wire [2:0] high_b1 = {b_signs_i[11], b_signs_i[9], b_signs_i[7]};
  always @(posedge clk_i) begin
    if (ce_i) begin
      low_majority <= {majority(low_s1, low_b0), majority(low_s0, low_b1), majority(low_s0, low_b0)};
      high_majority <= {majority(high_s1, high_b0), majority(high_s0, high_b1),
                        majority(high_s0, high_b0)};
    end
  end
  assign low_majority_o = low_majority;
  assign high_majority_o = high_majority;

  wire unused = ^{a_low_i, c_i};
endmodule
