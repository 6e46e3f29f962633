// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Test black box: ap_return = (a * b + 64) >> 7 after three cycles, one result a cycle.
module bb_scale (
  input  wire               ap_clk,
  input  wire               ap_rst,
  input  wire               ap_ce,
  input  wire               ap_start,
  output wire               ap_done,
  output wire               ap_idle,
  output wire               ap_ready,
  input  wire               ap_continue,
  input  wire signed [31:0] a,
  input  wire signed [31:0] b,
  output wire        [31:0] ap_return
);
  reg signed [31:0] a_q, b_q;
  reg signed [63:0] product_q;
  reg        [31:0] result_q;
  reg        [ 2:0] valid_q;
  wire       [63:0] rounded;
  wire              unused;

  assign rounded = product_q + 64'sd64;
  assign ap_return = result_q;
  assign ap_done = valid_q[2];
  assign ap_ready = ap_start & ap_ce;
  assign ap_idle = ~ap_start & (valid_q == 3'b000);
  assign unused = &{1'b0, ap_continue, rounded[63:39], rounded[6:0]};

  always @(posedge ap_clk) begin
    if (ap_rst) valid_q <= 3'b000;
    else if (ap_ce) valid_q <= {valid_q[1:0], ap_start};
    if (ap_ce) begin
      a_q <= a;
      b_q <= b;
      product_q <= a_q * b_q;
      result_q <= rounded[38:7];
    end
  end
endmodule
