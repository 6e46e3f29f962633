// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// DSP48E2: a behavioural model of the UltraScale+ DSP slice, port by port and attribute by attribute
// as the vendor's user guide describes it (UG579), written from that description. Synthesis takes
// the vendor's primitive of the same name instead.
//
// Where the guide leaves a result undefined, the model does not warn: CARRYOUT of sums of more than
// two operands, logic functions with the multiplier, OPMODE[6:4] = 111. Registers start at 0.
//
//   A path   A or ACIN -> A1, A2 (AREG = 0, 1, 2) -> ACOUT, multiplier, X (with B)
//   B path   likewise
//   pre-adder   AD = D ± A, or D ± B (PREADDINSEL)
//   ALU      P = Z ± (W + X + Y + CIN), or logic of X and Z; one 48-bit, two 24-bit or four 12-bit
//            lanes (USE_SIMD)
`ifndef SYNTHESIS
module DSP48E2 #(
  parameter int ACASCREG = 1,
  parameter int ADREG = 1,
  parameter int ALUMODEREG = 1,
  parameter string AMULTSEL = "A",
  parameter int AREG = 1,
  parameter string AUTORESET_PATDET = "NO_RESET",
  parameter string AUTORESET_PRIORITY = "RESET",
  parameter string A_INPUT = "DIRECT",
  parameter int BCASCREG = 1,
  parameter string BMULTSEL = "B",
  parameter int BREG = 1,
  parameter string B_INPUT = "DIRECT",
  parameter int CARRYINREG = 1,
  parameter int CARRYINSELREG = 1,
  parameter int CREG = 1,
  parameter int DREG = 1,
  parameter int INMODEREG = 1,
  parameter bit [3:0] IS_ALUMODE_INVERTED = 4'd0,
  parameter bit IS_CARRYIN_INVERTED = 1'b0,
  parameter bit IS_CLK_INVERTED = 1'b0,
  parameter bit [4:0] IS_INMODE_INVERTED = 5'd0,
  parameter bit [8:0] IS_OPMODE_INVERTED = 9'd0,
  parameter bit IS_RSTALLCARRYIN_INVERTED = 1'b0,
  parameter bit IS_RSTALUMODE_INVERTED = 1'b0,
  parameter bit IS_RSTA_INVERTED = 1'b0,
  parameter bit IS_RSTB_INVERTED = 1'b0,
  parameter bit IS_RSTCTRL_INVERTED = 1'b0,
  parameter bit IS_RSTC_INVERTED = 1'b0,
  parameter bit IS_RSTD_INVERTED = 1'b0,
  parameter bit IS_RSTINMODE_INVERTED = 1'b0,
  parameter bit IS_RSTM_INVERTED = 1'b0,
  parameter bit IS_RSTP_INVERTED = 1'b0,
  parameter bit [47:0] MASK = 48'h3FFFFFFFFFFF,
  parameter int MREG = 1,
  parameter int OPMODEREG = 1,
  parameter bit [47:0] PATTERN = 48'd0,
  parameter string PREADDINSEL = "A",
  parameter int PREG = 1,
  parameter bit [47:0] RND = 48'd0,
  parameter string SEL_MASK = "MASK",
  parameter string SEL_PATTERN = "PATTERN",
  parameter string USE_MULT = "MULTIPLY",
  parameter string USE_PATTERN_DETECT = "NO_PATDET",
  parameter string USE_SIMD = "ONE48",
  parameter string USE_WIDEXOR = "FALSE",
  parameter string XORSIMD = "XOR24_48_96"
) (
  output logic [29:0] ACOUT,
  output logic [17:0] BCOUT,
  output logic        CARRYCASCOUT,
  output logic [3:0]  CARRYOUT,
  output logic        MULTSIGNOUT,
  output logic        OVERFLOW,
  output logic [47:0] P,
  output logic        PATTERNBDETECT,
  output logic        PATTERNDETECT,
  output logic [47:0] PCOUT,
  output logic        UNDERFLOW,
  output logic [7:0]  XOROUT,
  input  logic [29:0] A,
  input  logic [29:0] ACIN,
  input  logic [3:0]  ALUMODE,
  input  logic [17:0] B,
  input  logic [17:0] BCIN,
  input  logic [47:0] C,
  input  logic        CARRYCASCIN,
  input  logic        CARRYIN,
  input  logic [2:0]  CARRYINSEL,
  input  logic        CEA1,
  input  logic        CEA2,
  input  logic        CEAD,
  input  logic        CEALUMODE,
  input  logic        CEB1,
  input  logic        CEB2,
  input  logic        CEC,
  input  logic        CECARRYIN,
  input  logic        CECTRL,
  input  logic        CED,
  input  logic        CEINMODE,
  input  logic        CEM,
  input  logic        CEP,
  input  logic        CLK,
  input  logic [26:0] D,
  input  logic [4:0]  INMODE,
  input  logic        MULTSIGNIN,
  input  logic [8:0]  OPMODE,
  input  logic [47:0] PCIN,
  input  logic        RSTA,
  input  logic        RSTALLCARRYIN,
  input  logic        RSTALUMODE,
  input  logic        RSTB,
  input  logic        RSTC,
  input  logic        RSTCTRL,
  input  logic        RSTD,
  input  logic        RSTINMODE,
  input  logic        RSTM,
  input  logic        RSTP
);
  // Clock and resets after their optional inverters.
  wire clk = CLK ^ IS_CLK_INVERTED;
  wire rst_a = RSTA ^ IS_RSTA_INVERTED;
  wire rst_b = RSTB ^ IS_RSTB_INVERTED;
  wire rst_c = RSTC ^ IS_RSTC_INVERTED;
  wire rst_d = RSTD ^ IS_RSTD_INVERTED;
  wire rst_m = RSTM ^ IS_RSTM_INVERTED;
  wire rst_p = RSTP ^ IS_RSTP_INVERTED;
  wire rst_ctrl = RSTCTRL ^ IS_RSTCTRL_INVERTED;
  wire rst_inmode = RSTINMODE ^ IS_RSTINMODE_INVERTED;
  wire rst_alumode = RSTALUMODE ^ IS_RSTALUMODE_INVERTED;
  wire rst_carryin = RSTALLCARRYIN ^ IS_RSTALLCARRYIN_INVERTED;

  // Registers; which of them are in the path follows below.
  logic [29:0] a1_q = '0, a2_q = '0;
  logic [17:0] b1_q = '0, b2_q = '0;
  logic [47:0] c_q = '0, p_q = '0;
  logic [26:0] d_q = '0, ad_q = '0;
  logic [44:0] m_q = '0;
  logic [8:0]  opmode_q = '0;
  logic [4:0]  inmode_q = '0;
  logic [3:0]  alumode_q = '0, carryout_q = '0;
  logic [2:0]  carryinsel_q = '0;
  logic        carryin_q = '0, round_q = '0, multsign_q = '0;
  logic        match_q = '0, matchb_q = '0, match_past_q = '0, matchb_past_q = '0;
  logic [7:0]  xor_q = '0;

  // Control.
  wire [8:0] opmode = OPMODEREG != 0 ? opmode_q : OPMODE ^ IS_OPMODE_INVERTED;
  wire [4:0] inmode = INMODEREG != 0 ? inmode_q : INMODE ^ IS_INMODE_INVERTED;
  wire [3:0] alumode = ALUMODEREG != 0 ? alumode_q : ALUMODE ^ IS_ALUMODE_INVERTED;
  wire [2:0] carryinsel = CARRYINSELREG != 0 ? carryinsel_q : CARRYINSEL;

  // A and B. With one register it is the second one.
  wire [29:0] a_in = A_INPUT == "CASCADE" ? ACIN : A;
  wire [17:0] b_in = B_INPUT == "CASCADE" ? BCIN : B;
  wire [29:0] a1 = AREG == 2 ? a1_q : a_in;
  wire [17:0] b1 = BREG == 2 ? b1_q : b_in;
  wire [29:0] a2 = AREG != 0 ? a2_q : a_in;
  wire [17:0] b2 = BREG != 0 ? b2_q : b_in;
  assign ACOUT = ACASCREG == AREG ? a2 : a1;
  assign BCOUT = BCASCREG == BREG ? b2 : b1;

  // Multiplier operands: A1 or A2, B1 or B2, one of them gated and through the pre-adder.
  wire [26:0] a_picked = inmode[0] ? (AREG == 2 ? a1[26:0] : a2[26:0]) : a2[26:0];
  wire [17:0] b_picked = inmode[4] ? (BREG == 2 ? b1 : b2) : b2;
  wire [26:0] a_gated = (inmode[1] && PREADDINSEL == "A") ? 27'd0 : a_picked;
  wire [17:0] b_gated = (inmode[1] && PREADDINSEL == "B") ? 18'd0 : b_picked;
  wire [26:0] d = DREG != 0 ? d_q : D;
  wire [26:0] pre_d = inmode[2] ? d : 27'd0;
  wire [26:0] pre_ab = PREADDINSEL == "B" ? {{9{b_gated[17]}}, b_gated} : a_gated;
  wire [26:0] pre_sum = inmode[3] ? pre_d - pre_ab : pre_d + pre_ab;
  wire [26:0] ad = ADREG != 0 ? ad_q : pre_sum;
  wire [26:0] mult_a = AMULTSEL == "AD" ? ad : a_gated;
  wire [17:0] mult_b = BMULTSEL == "AD" ? ad[17:0] : b_gated;
  wire [44:0] product = USE_MULT == "NONE" ? 45'd0 :
                        45'($signed(mult_a)) * 45'($signed(mult_b));
  wire [44:0] m = MREG != 0 ? m_q : product;
  wire        round = MREG != 0 ? round_q : (mult_a[26] ~^ mult_b[17]);

  // Multiplexers of the ALU.
  wire [47:0] c = CREG != 0 ? c_q : C;
  logic [47:0] w, x, y, z;
  always_comb begin
    unique case (opmode[1:0])
      2'b00: x = 48'd0;
      2'b01: x = {{3{m[44]}}, m};  // the product, whose other half is Y
      2'b10: x = P;
      2'b11: x = {a2, b2};
    endcase
    unique case (opmode[3:2])
      2'b00: y = 48'd0;
      2'b01: y = 48'd0;
      2'b10: y = opmode[6:4] == 3'b100 ? {48{MULTSIGNIN}} : {48{1'b1}};
      2'b11: y = c;
    endcase
    unique case (opmode[6:4])
      3'b000: z = 48'd0;
      3'b001: z = PCIN;
      3'b010: z = P;
      3'b011: z = c;
      3'b100: z = P;
      3'b101: z = {{17{PCIN[47]}}, PCIN[47:17]};
      3'b110: z = {{17{P[47]}}, P[47:17]};
      3'b111: z = 48'd0;
    endcase
    unique case (opmode[8:7])
      2'b00: w = 48'd0;
      2'b01: w = P;
      2'b10: w = RND;
      2'b11: w = c;
    endcase
  end

  wire  carryin = CARRYINREG != 0 ? carryin_q : CARRYIN ^ IS_CARRYIN_INVERTED;
  logic cin;
  always_comb begin
    unique case (carryinsel)
      3'b000: cin = carryin;
      3'b001: cin = !PCIN[47];
      3'b010: cin = CARRYCASCIN;
      3'b011: cin = PCIN[47];
      3'b100: cin = CARRYCASCOUT;
      3'b101: cin = !P[47];
      3'b110: cin = round;
      3'b111: cin = P[47];
    endcase
  end

  // ALU, a lane after the other; a carry crosses a lane's end only where lanes are joined. Inverting
  // Z before and the sum after makes the differences.
  localparam int Lanes = USE_SIMD == "FOUR12" ? 4 : USE_SIMD == "TWO24" ? 2 : 1;
  wire subtracts = alumode[1:0] == 2'b11;
  logic [47:0] sum, logic_result, result;
  logic [3:0]  carry;
  logic [47:0] z_in;
  logic [2:0]  into;
  logic [14:0] part;
  always_comb begin
    z_in = z ^ {48{alumode[0]}};
    sum = 48'd0;
    carry = 4'd0;
    into = {2'd0, cin};
    part = 15'd0;
    for (int lane = 0; lane < 4; lane++) begin
      // CIN enters the lowest lane only.
      if (lane != 0 && (Lanes == 4 || (Lanes == 2 && lane == 2))) into = 3'd0;
      part = 15'(w[12*lane +: 12]) + 15'(x[12*lane +: 12]) + 15'(y[12*lane +: 12]) +
             15'(z_in[12*lane +: 12]) + 15'(into);
      sum[12*lane +: 12] = part[11:0] ^ {12{alumode[1]}};
      into = part[14:12];
      carry[lane] = part[12] ^ subtracts;
    end
    unique case ({alumode[3], alumode[1:0]})
      3'b000, 3'b011: logic_result = x ^ z;
      3'b001, 3'b010: logic_result = ~(x ^ z);
      3'b100: logic_result = x & z;
      3'b101: logic_result = x & ~z;
      3'b110: logic_result = ~(x & z);
      3'b111: logic_result = ~x | z;
    endcase
    if (opmode[3:2] == 2'b10) begin
      unique case ({alumode[3], alumode[1:0]})
        3'b000, 3'b011: logic_result = ~(x ^ z);
        3'b001, 3'b010: logic_result = x ^ z;
        3'b100: logic_result = x | z;
        3'b101: logic_result = x | ~z;
        3'b110: logic_result = ~(x | z);
        3'b111: logic_result = ~x & z;
      endcase
    end
    result = alumode[2] ? logic_result : sum;
  end
  wire [3:0] carry_lanes = Lanes == 4 ? carry : Lanes == 2 ? {carry[3], 1'b0, carry[1], 1'b0} :
                                                             {carry[3], 3'b000};

  // Wide XOR: 6 bits of X and Z each make one of 12.
  logic [7:0] xor12, xors;
  always_comb begin
    for (int i = 0; i < 8; i++) xor12[i] = ^result[6*i +: 6];
    xors = XORSIMD == "XOR12" ? xor12 :
           {1'b0, xor12[7] ^ xor12[6], ^xor12[7:4], xor12[5] ^ xor12[4],
            ^xor12, xor12[3] ^ xor12[2], ^xor12[3:0], xor12[1] ^ xor12[0]};
    if (USE_WIDEXOR != "TRUE") xors = 8'd0;
  end

  // Pattern detector.
  wire [47:0] pattern = SEL_PATTERN == "C" ? c : PATTERN;
  wire [47:0] mask = USE_PATTERN_DETECT != "PATDET" ? {48{1'b1}} : SEL_MASK == "C" ? c :
                     SEL_MASK == "ROUNDING_MODE1" ? {~c[46:0], 1'b0} :
                     SEL_MASK == "ROUNDING_MODE2" ? {~c[45:0], 2'b00} : MASK;
  wire match = &(~(result ^ pattern) | mask);
  wire matchb = &((result ^ pattern) | mask);
  wire autoreset = (AUTORESET_PATDET == "RESET_MATCH" && PATTERNDETECT) ||
                   (AUTORESET_PATDET == "RESET_NOT_MATCH" && match_past_q && !PATTERNDETECT);
  wire rst_p_auto = autoreset && (AUTORESET_PRIORITY == "RESET" || CEP);

  assign P = PREG != 0 ? p_q : result;
  assign PCOUT = P;
  assign CARRYOUT = PREG != 0 ? carryout_q : carry_lanes;
  assign CARRYCASCOUT = CARRYOUT[3];
  assign MULTSIGNOUT = PREG != 0 ? multsign_q : m[44];
  assign XOROUT = PREG != 0 ? xor_q : xors;
  assign PATTERNDETECT = PREG != 0 ? match_q : match;
  assign PATTERNBDETECT = PREG != 0 ? matchb_q : matchb;
  assign OVERFLOW = match_past_q && !PATTERNDETECT && !PATTERNBDETECT;
  assign UNDERFLOW = matchb_past_q && !PATTERNDETECT && !PATTERNBDETECT;

  // A reset goes before its clock enable.
  always_ff @(posedge clk) begin
    if (rst_a) {a1_q, a2_q} <= '0;
    else begin
      if (CEA1) a1_q <= a_in;
      if (CEA2) a2_q <= a1;
    end
    if (rst_b) {b1_q, b2_q} <= '0;
    else begin
      if (CEB1) b1_q <= b_in;
      if (CEB2) b2_q <= b1;
    end
    if (rst_c) c_q <= '0;
    else if (CEC) c_q <= C;
    if (rst_d) {d_q, ad_q} <= '0;
    else begin
      if (CED) d_q <= D;
      if (CEAD) ad_q <= pre_sum;
    end
    if (rst_m) {m_q, round_q} <= '0;
    else if (CEM) {m_q, round_q} <= {product, mult_a[26] ~^ mult_b[17]};
    if (rst_ctrl) {opmode_q, carryinsel_q} <= '0;
    else if (CECTRL) {opmode_q, carryinsel_q} <= {OPMODE ^ IS_OPMODE_INVERTED, CARRYINSEL};
    if (rst_inmode) inmode_q <= '0;
    else if (CEINMODE) inmode_q <= INMODE ^ IS_INMODE_INVERTED;
    if (rst_alumode) alumode_q <= '0;
    else if (CEALUMODE) alumode_q <= ALUMODE ^ IS_ALUMODE_INVERTED;
    if (rst_carryin) carryin_q <= '0;
    else if (CECARRYIN) carryin_q <= CARRYIN ^ IS_CARRYIN_INVERTED;
    if (rst_p || rst_p_auto) begin
      {p_q, carryout_q, multsign_q, xor_q} <= '0;
      {match_q, matchb_q, match_past_q, matchb_past_q} <= '0;
    end else if (CEP) begin
      {p_q, carryout_q, multsign_q, xor_q} <= {result, carry_lanes, m[44], xors};
      {match_q, matchb_q} <= {match, matchb};
      {match_past_q, matchb_past_q} <= {match_q, matchb_q};
    end
  end
endmodule
`endif
