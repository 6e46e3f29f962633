// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_skid: cuts every combinational path of a valid/ready handshake at the full rate.
//
//   Width       bits of the payload
//   clk_i       clock
//   rst_i       synchronous reset, active high
//   in_data_i   payload, in_valid_i: it is there, in_ready_o: it is taken at the clock edge
//   out_data_o  payload, out_valid_o: it is there, out_ready_i: it is taken at the clock edge
//
// Invariants: input is accepted as long as the side register is empty; the side register is full
// only while the output register is; the output holds until it is taken.
module ng_skid #(
  parameter int unsigned Width = 8
) (
  input  logic             clk_i,
  input  logic             rst_i,
  input  logic [Width-1:0] in_data_i,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  output logic [Width-1:0] out_data_o,
  output logic             out_valid_o,
  input  logic             out_ready_i
);
  logic [Width-1:0] side_q;
  logic side_full_q, advance;

  assign in_ready_o = !side_full_q;
  assign advance = !out_valid_o || out_ready_i;

  always_ff @(posedge clk_i) begin
    if (advance && side_full_q) out_data_o <= side_q;
    else if (advance && in_valid_i) out_data_o <= in_data_i;
    if (!advance && in_valid_i && !side_full_q) side_q <= in_data_i;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      out_valid_o <= 1'b0;
      side_full_q <= 1'b0;
    end else if (advance) begin
      out_valid_o <= side_full_q || in_valid_i;
      side_full_q <= 1'b0;
    end else if (in_valid_i) begin
      side_full_q <= 1'b1;
    end
  end

`ifdef FORMAL_NG_SKID
`include "formal/ng_skid.svh"
`endif
endmodule
