// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_burst_split: queues requests of up to 2^32 - 1 beats and cuts them into AXI bursts, one burst
// a cycle. Bursts end at multiples of BurstBeats, so none crosses a 4 KiB boundary.
//
//   AddrWidth     bits of a byte address
//   DataWidth     bits of a beat: a power of two, 16 to 1024
//   BurstBeats    longest burst: a power of two, at least 2, BurstBeats * DataWidth / 8 <= 4096
//   RequestDepth  requests that can wait
//   clk_i, rst_i  clock; synchronous reset, active high
//   base_i        byte address of beat 0, a multiple of the beat's bytes (lower bits are ignored);
//                 must hold still from a request until idle_o
//   req_data_i    {beats[31:0], offset[63:0]}, the offset counted in beats from base_i
//   req_write_i   request is there, req_full_no: it is taken
//   burst_addr_o  byte address of the burst
//   burst_len_o   beats of the burst; 0 stands for a whole request of no beats
//   burst_last_o  last burst of its request
//   burst_valid_o burst is there, burst_ready_i: it is taken
//   idle_o        no request is queued or being cut
//
// Invariants: every output comes from a register; requests stay in order; the lengths of the bursts
// of a request add up to its beats.
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
  localparam int unsigned BeatBits = AddrWidth - ByteBits;
  localparam int unsigned LowBits = LenWidth - 1;

  logic [95:0] request;
  logic request_valid, take, emit, finish, unused;

  // The request being cut: the beat address and the number of the beats that remain.
  logic active_q;
  logic [BeatBits-1:0] beat_q;
  logic [31:0] left_q;

  logic [LenWidth-1:0] to_boundary, len;
  logic is_last;

  ng_fifo #(.Width(96), .Depth(RequestDepth)) u_requests (
    .clk_i, .rst_i,
    .wr_data_i(req_data_i), .wr_en_i(req_write_i), .full_no(req_full_no),
    .rd_data_o(request), .rd_en_i(take), .empty_no(request_valid)
  );

  assign unused = ^base_i[ByteBits-1:0];
  assign to_boundary = LenWidth'(BurstBeats) - {1'b0, beat_q[LowBits-1:0]};
  assign is_last = left_q <= 32'(to_boundary);
  assign len = is_last ? left_q[LenWidth-1:0] : to_boundary;
  assign emit = active_q && (!burst_valid_o || burst_ready_i);
  assign finish = emit && is_last;
  assign take = request_valid && (!active_q || finish);
  assign idle_o = !request_valid && !active_q && !burst_valid_o;

  always_ff @(posedge clk_i) begin
    if (take) begin
      beat_q <= base_i[AddrWidth-1:ByteBits] + BeatBits'(request[63:0]);
      left_q <= request[95:64];
    end else if (emit) begin
      beat_q <= {beat_q[BeatBits-1:LowBits] + 1'b1, {LowBits{1'b0}}};
      left_q <= left_q - 32'(len);
    end
    if (emit) begin
      burst_addr_o <= {beat_q, {ByteBits{1'b0}}};
      burst_len_o <= len;
      burst_last_o <= is_last;
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) active_q <= 1'b1;
    else if (finish) active_q <= 1'b0;
    if (emit) burst_valid_o <= 1'b1;
    else if (burst_ready_i) burst_valid_o <= 1'b0;
    if (rst_i) begin
      active_q <= 1'b0;
      burst_valid_o <= 1'b0;
    end
  end

`ifdef FORMAL_NG_BURST_SPLIT
`include "formal/ng_burst_split.svh"
`endif
endmodule
