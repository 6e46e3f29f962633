// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// CARRY8: a behavioural model of the UltraScale carry chain (UG974) as one of eight places: where S is
// high a carry goes on, elsewhere DI is the carry. Synthesis takes the vendor's primitive.
`ifndef SYNTHESIS
module CARRY8 #(
  parameter string CARRY_TYPE = "SINGLE_CY8"
) (
  output logic [7:0] CO,
  output logic [7:0] O,
  input  wire        CI,
  input  wire        CI_TOP,
  input  wire [7:0]  DI,
  input  wire [7:0]  S
);
  logic carry;
  always_comb begin
    carry = CI;
    for (int i = 0; i < 8; ++i) begin
      if (i == 4 && CARRY_TYPE == "DUAL_CY4") carry = CI_TOP;
      O[i] = S[i] ^ carry;
      carry = S[i] ? carry : DI[i];
      CO[i] = carry;
    end
  end
endmodule
`endif
