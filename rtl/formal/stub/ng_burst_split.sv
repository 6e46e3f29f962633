// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_burst_split as the proofs of the AXI masters see it: any sequence of bursts that keeps what
// the proof of the real module (formal/ng_burst_split.svh) guarantees.
module ng_burst_split #(
  parameter int unsigned AddrWidth = 64,
  parameter int unsigned DataWidth = 512,
  parameter int unsigned BurstBeats = 64,
  parameter int unsigned RequestDepth = 4,
  localparam int unsigned LenWidth = $clog2(BurstBeats) + 1
) (
  input  logic                 clk_i,
  input  logic                 rst_i,
  input  logic [AddrWidth-1:0] base_i,
  input  logic [95:0]          req_data_i,
  input  logic                 req_write_i,
  output logic                 req_full_no,
  output logic [AddrWidth-1:0] burst_addr_o,
  output logic [LenWidth-1:0]  burst_len_o,
  output logic                 burst_last_o,
  output logic                 burst_valid_o,
  input  logic                 burst_ready_i,
  output logic                 idle_o
);
  localparam int unsigned ByteBits = $clog2(DataWidth / 8);
  localparam int unsigned LowBits = LenWidth - 1;

  (* anyseq *) logic [AddrWidth-1:0] f_addr;
  (* anyseq *) logic [LenWidth-1:0] f_len;
  (* anyseq *) logic f_last, f_valid, f_full_n, f_idle;
  assign burst_addr_o = f_addr;
  assign burst_len_o = f_len;
  assign burst_last_o = f_last;
  assign burst_valid_o = f_valid;
  assign req_full_no = f_full_n;
  assign idle_o = f_idle;

  logic f_past = 1'b0;
  wire [LenWidth:0] f_end = {2'b0, f_addr[ByteBits +: LowBits]} + {1'b0, f_len};
  always_ff @(posedge clk_i) begin
    f_past <= 1'b1;
    if (f_past && $past(rst_i)) assume (!f_valid);
    if (f_past && !$past(rst_i) && $past(f_valid && !burst_ready_i)) begin
      assume (f_valid);
      assume ($stable({f_addr, f_len, f_last}));
    end
    if (f_valid) begin
      assume (f_len <= LenWidth'(BurstBeats));
      assume (f_len != '0 || f_last);
      assume (f_end <= (LenWidth + 1)'(BurstBeats));
      assume (f_addr[ByteBits-1:0] == '0);
    end
  end
endmodule
