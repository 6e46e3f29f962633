// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_dsp_mac: one DSP48E2 of a packed chain: p = (a + d) · b + what comes down the cascade. With wide
// operands (wide_i) one bit more: p = (a + d) · b + low · c + the cascade.
//
//   load_i    a_i and d_i, the row operands, are taken into the first registers. load_i and take_i
//             are enables of their own: low where ce_i is
//   take_i    their sum becomes the multiplier's operand; until then it keeps the previous one
//   b_i       column operand, one a cycle: its product is in p_o three cycles later
//   split_i, wide_i   static while products are under way. split_i: at a HALF the cascade is cut
//   low_i     one cycle after b_i: whether c_i is added to its product; low but for wide operands
//   c_i, c_take_i   taken like a_i and d_i, two cycles after load_i; an enable of its own
//
//   PLACE     0: first of the chain, has no cascade and adds -1 to products of bytes; 1: adds the
//             cascade; 2: a HALF
//   WIDE      1: there are wide operands, else wide_i, low_i, c_i and c_take_i are not used
module ng_dsp_mac #(
  parameter PLACE = 1,
  parameter WIDE = 0
) (
  input  wire        clk_i,
  input  wire        ce_i,
  input  wire        split_i,
  input  wire        wide_i,
  input  wire        load_i,
  input  wire        take_i,
  input  wire [26:0] a_i,
  input  wire [26:0] d_i,
  input  wire [17:0] b_i,
  input  wire        low_i,
  input  wire [47:0] c_i,
  input  wire        c_take_i,
  input  wire [47:0] cascade_i,
  output wire [47:0] cascade_o,
  output wire [47:0] p_o
);
  // W: C, RND (-1) or 0; Z: the cascade or 0; Y and X: the product.
  wire [1:0] w = {(WIDE != 0 && low_i) || (PLACE == 0 && !split_i && !(WIDE != 0 && wide_i)),
                  WIDE != 0 && low_i};
  wire       z = (PLACE == 1) || (PLACE == 2 && !split_i);

  // Ports that are not used are left open.
  /* verilator lint_off PINCONNECTEMPTY */
  DSP48E2 #(
    .AMULTSEL("AD"), .AREG(1), .ACASCREG(1), .DREG(1), .ADREG(1), .BREG(1), .BCASCREG(1),
    .CREG(1), .MREG(1), .PREG(1), .OPMODEREG(1), .INMODEREG(1), .ALUMODEREG(1),
    .RND(48'hFFFFFFFFFFFF), .USE_MULT("MULTIPLY")
  ) dsp (
    .CLK(clk_i),
    .A({{3{a_i[26]}}, a_i}), .B(b_i), .C(c_i), .D(d_i),
    .ACIN(30'd0), .BCIN(18'd0), .PCIN(cascade_i), .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0),
    .ALUMODE(4'b0000), .CARRYIN(1'b0), .CARRYINSEL(3'b000), .INMODE(5'b00100), .OPMODE({w, 2'b00, z, 4'b0101}),
    .CEA1(1'b0), .CEA2(load_i), .CEAD(take_i), .CEALUMODE(1'b1), .CEB1(1'b0),
    .CEB2(ce_i), .CEC(WIDE != 0 && c_take_i), .CECARRYIN(1'b1), .CECTRL(ce_i), .CED(load_i),
    .CEINMODE(1'b1), .CEM(ce_i), .CEP(ce_i),
    .RSTA(1'b0), .RSTALLCARRYIN(1'b0), .RSTALUMODE(1'b0), .RSTB(1'b0), .RSTC(1'b0),
    .RSTCTRL(1'b0), .RSTD(1'b0), .RSTINMODE(1'b0), .RSTM(1'b0), .RSTP(1'b0),
    .P(p_o), .PCOUT(cascade_o),
    .ACOUT(), .BCOUT(), .CARRYCASCOUT(), .CARRYOUT(), .MULTSIGNOUT(), .OVERFLOW(), .UNDERFLOW(),
    .PATTERNBDETECT(), .PATTERNDETECT(), .XOROUT()
  );
  /* verilator lint_on PINCONNECTEMPTY */
  wire unused = ^{wide_i, low_i, c_take_i};
endmodule
