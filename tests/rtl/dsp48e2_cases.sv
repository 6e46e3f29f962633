// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// DSP48E2 four times, with the same inputs and different attributes:
//   0  every register, pre-adder on A, one 48-bit lane
//   1  no multiplier, four 12-bit lanes, operands without registers
//   2  no multiplier, two 24-bit lanes, pattern detector
//   3  A and B from the cascade, pre-adder on B
module dsp48e2_cases (
  input  logic         clk_i,
  input  logic [29:0]  a_i, acin_i,
  input  logic [17:0]  b_i, bcin_i,
  input  logic [47:0]  c_i, pcin_i,
  input  logic [26:0]  d_i,
  input  logic [8:0]   opmode_i,
  input  logic [3:0]   alumode_i,
  input  logic [4:0]   inmode_i,
  input  logic [2:0]   carryinsel_i,
  input  logic         carryin_i, carrycascin_i,
  input  logic [12:0]  enables_i,  // A1 A2 AD ALUMODE B1 B2 C CARRYIN CTRL D INMODE M P, A1 lowest
  input  logic [9:0]   resets_i,   // A CARRYIN ALUMODE B C CTRL D INMODE M P, A lowest
  output logic [191:0] p_o,
  output logic [15:0]  carry_o,
  output logic [119:0] acout_o,
  output logic [71:0]  bcout_o,
  output logic [3:0]   match_o, matchb_o
);
  logic [3:0] unused_casc, unused_sign, unused_over, unused_under;
  logic [191:0] pcout;
  logic [31:0] unused_xor;
  `define DSP(I, ATTRIBUTES) \
    DSP48E2 #(ATTRIBUTES .RND(48'h123456789ABC), .PATTERN(48'h5), .MASK(48'hFFFFFFFFFFF0)) \
    dsp``I (.CLK(clk_i), .A(a_i), .ACIN(acin_i), .B(b_i), .BCIN(bcin_i), .C(c_i), .PCIN(pcin_i), \
      .D(d_i), .OPMODE(opmode_i), .ALUMODE(alumode_i), .INMODE(inmode_i), \
      .CARRYINSEL(carryinsel_i), .CARRYIN(carryin_i), .CARRYCASCIN(carrycascin_i), \
      .MULTSIGNIN(1'b0), .CEA1(enables_i[0]), .CEA2(enables_i[1]), .CEAD(enables_i[2]), \
      .CEALUMODE(enables_i[3]), .CEB1(enables_i[4]), .CEB2(enables_i[5]), .CEC(enables_i[6]), \
      .CECARRYIN(enables_i[7]), .CECTRL(enables_i[8]), .CED(enables_i[9]), \
      .CEINMODE(enables_i[10]), .CEM(enables_i[11]), .CEP(enables_i[12]), .RSTA(resets_i[0]), \
      .RSTALLCARRYIN(resets_i[1]), .RSTALUMODE(resets_i[2]), .RSTB(resets_i[3]), \
      .RSTC(resets_i[4]), .RSTCTRL(resets_i[5]), .RSTD(resets_i[6]), .RSTINMODE(resets_i[7]), \
      .RSTM(resets_i[8]), .RSTP(resets_i[9]), .P(p_o[48*I +: 48]), .CARRYOUT(carry_o[4*I +: 4]), \
      .ACOUT(acout_o[30*I +: 30]), .BCOUT(bcout_o[18*I +: 18]), .PCOUT(pcout[48*I +: 48]), \
      .CARRYCASCOUT(unused_casc[I]), .MULTSIGNOUT(unused_sign[I]), .OVERFLOW(unused_over[I]), \
      .UNDERFLOW(unused_under[I]), .PATTERNDETECT(match_o[I]), .PATTERNBDETECT(matchb_o[I]), \
      .XOROUT(unused_xor[8*I +: 8]));
  `define COMMA ,
  `DSP(0, .AMULTSEL("AD") `COMMA .AREG(2) `COMMA .BREG(2) `COMMA .ACASCREG(2) `COMMA .BCASCREG(1) `COMMA)
  `DSP(1, .USE_MULT("NONE") `COMMA .USE_SIMD("FOUR12") `COMMA .AREG(0) `COMMA .ACASCREG(0) `COMMA
       .BREG(0) `COMMA .BCASCREG(0) `COMMA .CREG(0) `COMMA)
  `DSP(2, .USE_MULT("NONE") `COMMA .USE_SIMD("TWO24") `COMMA .USE_PATTERN_DETECT("PATDET") `COMMA)
  `DSP(3, .A_INPUT("CASCADE") `COMMA .B_INPUT("CASCADE") `COMMA .BMULTSEL("AD") `COMMA
       .PREADDINSEL("B") `COMMA .BREG(2) `COMMA .BCASCREG(2) `COMMA .MREG(0) `COMMA)
  wire unused = ^{unused_casc, unused_sign, unused_over, unused_under, unused_xor, pcout ^ p_o};
endmodule
