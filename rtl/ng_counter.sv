// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_counter: 64-bit event counter.
//
//   Events    events that can happen in one cycle
//   clk_i     clock
//   rst_i     synchronous reset, active high
//   clear_i   sets the count to 0 and wins over enable_i
//   enable_i  adds one for each bit set
//   count_o   the count, modulo 2^64
module ng_counter #(
  parameter int unsigned Events = 1
) (
  input  logic              clk_i,
  input  logic              rst_i,
  input  logic              clear_i,
  input  logic [Events-1:0] enable_i,
  output logic [63:0]       count_o
);
  logic [63:0] step;

  always_comb begin
    step = '0;
    for (int unsigned i = 0; i < Events; i++) step = step + 64'(enable_i[i]);
  end

  always_ff @(posedge clk_i) begin
    if (|enable_i) count_o <= count_o + ((Events == 1) ? 64'd1 : step);
    if (rst_i || clear_i) count_o <= '0;
  end
endmodule
