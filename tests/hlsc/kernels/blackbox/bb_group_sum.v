// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Test black box: for each of `groups` groups, the sum of `length` values modulo 2^24. Both counts
// are at least 1 and hold still while ap_start is high.
module bb_group_sum (
  input  wire        ap_clk,
  input  wire        ap_rst,
  input  wire        ap_ce,
  input  wire        ap_start,
  output wire        ap_done,
  output wire        ap_idle,
  output wire        ap_ready,
  input  wire        ap_continue,
  input  wire [15:0] values_dout,
  input  wire        values_empty_n,
  output wire        values_read,
  output wire [23:0] sums_din,
  input  wire        sums_full_n,
  output wire        sums_write,
  input  wire [ 7:0] groups,
  input  wire [ 7:0] length
);
  reg busy_q, full_q, done_q;
  reg [7:0] group_q, place_q;
  reg [23:0] sum_q;
  wire last_value, last_group;

  assign last_value = place_q == length - 8'd1;
  assign last_group = group_q == groups - 8'd1;
  assign values_read = busy_q & ~full_q & values_empty_n & ap_ce;
  assign sums_write = full_q & sums_full_n & ap_ce;
  assign sums_din = sum_q;
  assign ap_done = done_q;
  assign ap_ready = sums_write & last_group;
  assign ap_idle = ~busy_q & ~done_q;

  always @(posedge ap_clk) begin
    if (ap_rst) begin
      busy_q <= 1'b0;
      full_q <= 1'b0;
      done_q <= 1'b0;
      group_q <= 8'd0;
      place_q <= 8'd0;
      sum_q <= 24'd0;
    end else if (ap_ce) begin
      if (done_q & ap_continue) done_q <= 1'b0;
      if (~busy_q & ~done_q & ap_start) begin
        busy_q <= 1'b1;
        group_q <= 8'd0;
        place_q <= 8'd0;
        sum_q <= 24'd0;
      end
      if (values_read) begin
        sum_q <= sum_q + {8'd0, values_dout};
        place_q <= last_value ? 8'd0 : place_q + 8'd1;
        full_q <= last_value;
      end
      if (sums_write) begin
        sum_q <= 24'd0;
        full_q <= 1'b0;
        group_q <= group_q + 8'd1;
        if (last_group) begin
          busy_q <= 1'b0;
          done_q <= 1'b1;
        end
      end
    end
  end
endmodule
