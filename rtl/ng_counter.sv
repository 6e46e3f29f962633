// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_counter: 64-bit event counter.
//
//   clk_i     clock
//   rst_i     synchronous reset, active high
//   clear_i   sets the count to 0 and wins over enable_i
//   enable_i  adds one
//   count_o   the count, modulo 2^64
module ng_counter (
  input  logic        clk_i,
  input  logic        rst_i,
  input  logic        clear_i,
  input  logic        enable_i,
  output logic [63:0] count_o
);
  always_ff @(posedge clk_i) begin
    if (rst_i || clear_i) count_o <= '0;
    else if (enable_i) count_o <= count_o + 64'd1;
  end
endmodule
