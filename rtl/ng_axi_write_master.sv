// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_axi_write_master: turns requests for runs of beats, and the beats, into AXI4 write bursts, one
// beat a cycle, and gives one response token for each request once memory has acknowledged it.
//
//   AddrWidth     bits of a byte address
//   DataWidth     bits of a beat: a power of two, 16 to 1024
//   IdWidth       bits of the (always zero) transaction identifier
//   MaxBurst      longest burst in beats: a power of two from 2 to 256, cut down to 4 KiB
//   Outstanding   bursts issued and not yet acknowledged at most
//   RequestDepth  requests that can wait
//   clk_i, rst_i  clock; synchronous reset, active high
//   base_i        byte address of beat 0 (see ng_burst_split)
//   req_data_i    {beats[31:0], offset[63:0] in beats from base_i}; a request of 0 beats moves
//                 nothing and gives its token when all requests before it have given theirs
//   req_write_i, req_full_no            write side of the request FIFO
//   data_i, data_write_i, data_full_no  write side of the data FIFO (room for two full bursts)
//   resp_empty_no, resp_read_i          read side of the response tokens (they carry no data)
//   m_aw*, m_w*, m_b*  AXI4 write channels; all outputs come from registers
//   beat_o        the bus takes a beat in this cycle
//   error_o       the response taken in this cycle is not OKAY; its token is given all the same
//   idle_o        no request waits and no burst is under way
//
// Invariants (proved in formal/): AWVALID, WVALID and their payloads hold until taken; a burst
// stays within 4 KiB; WLAST marks exactly its last beat; an address is issued only when all its
// data are in the buffer, so the producer can never hold up a burst that the memory has seen; W
// never waits for AWREADY; every response with an error, and no other, pulses error_o.
module ng_axi_write_master #(
  parameter int unsigned AddrWidth = 64,
  parameter int unsigned DataWidth = 512,
  parameter int unsigned IdWidth = 1,
  parameter int unsigned MaxBurst = 64,
  parameter int unsigned Outstanding = 8,
  parameter int unsigned RequestDepth = 4
) (
  input  logic                   clk_i,
  input  logic                   rst_i,
  input  logic [AddrWidth-1:0]   base_i,

  input  logic [95:0]            req_data_i,
  input  logic                   req_write_i,
  output logic                   req_full_no,

  input  logic [DataWidth-1:0]   data_i,
  input  logic                   data_write_i,
  output logic                   data_full_no,

  output logic                   resp_empty_no,
  input  logic                   resp_read_i,

  output logic [AddrWidth-1:0]   m_awaddr_o,
  output logic [7:0]             m_awlen_o,
  output logic [2:0]             m_awsize_o,
  output logic [1:0]             m_awburst_o,
  output logic [IdWidth-1:0]     m_awid_o,
  output logic [3:0]             m_awcache_o,
  output logic [2:0]             m_awprot_o,
  output logic                   m_awvalid_o,
  input  logic                   m_awready_i,
  output logic [DataWidth-1:0]   m_wdata_o,
  output logic [DataWidth/8-1:0] m_wstrb_o,
  output logic                   m_wlast_o,
  output logic                   m_wvalid_o,
  input  logic                   m_wready_i,
  input  logic [1:0]             m_bresp_i,
  input  logic [IdWidth-1:0]     m_bid_i,
  input  logic                   m_bvalid_i,
  output logic                   m_bready_o,

  output logic                   beat_o,
  output logic                   error_o,
  output logic                   idle_o
);
  localparam int unsigned PageBeats = 4096 / (DataWidth / 8);
  localparam int unsigned BurstBeats = (MaxBurst < PageBeats) ? MaxBurst : PageBeats;
  localparam int unsigned LenWidth = $clog2(BurstBeats) + 1;
  localparam int unsigned BufferBeats = 2 * BurstBeats;
  localparam int unsigned CountWidth = $clog2(BufferBeats + 1);
  localparam int unsigned FlightWidth = $clog2(Outstanding + 1);

  logic [AddrWidth-1:0] burst_addr;
  logic [LenWidth-1:0] burst_len, next_len;
  logic burst_last, burst_valid, burst_ready, split_idle, issue, is_empty, empty_done;
  logic [DataWidth-1:0] beat;
  logic beat_valid, load, next_valid, next_take, ack, ack_last, unused;
  logic next_room, ack_room, ack_known;

  // Beats in the buffer that no issued burst has claimed; bursts not yet acknowledged; beats of the
  // present burst still to be put on the W channel; response tokens not yet read.
  logic [CountWidth-1:0] unclaimed_q;
  logic [FlightWidth-1:0] flight_q;
  logic [LenWidth-1:0] left_q;
  logic [31:0] tokens_q;

  ng_burst_split #(
    .AddrWidth(AddrWidth), .DataWidth(DataWidth), .BurstBeats(BurstBeats),
    .RequestDepth(RequestDepth)
  ) u_split (
    .clk_i, .rst_i, .base_i, .req_data_i, .req_write_i, .req_full_no,
    .burst_addr_o(burst_addr), .burst_len_o(burst_len), .burst_last_o(burst_last),
    .burst_valid_o(burst_valid), .burst_ready_i(burst_ready), .idle_o(split_idle)
  );

  ng_fifo #(.Width(DataWidth), .Depth(BufferBeats)) u_buffer (
    .clk_i, .rst_i,
    .wr_data_i(data_i), .wr_en_i(data_write_i), .full_no(data_full_no),
    .rd_data_o(beat), .rd_en_i(load), .empty_no(beat_valid)
  );

  // Lengths of the bursts whose beats are still to be sent.
  ng_fifo #(.Width(LenWidth), .Depth(Outstanding)) u_lengths (
    .clk_i, .rst_i,
    .wr_data_i(burst_len), .wr_en_i(issue), .full_no(next_room),
    .rd_data_o(next_len), .rd_en_i(next_take), .empty_no(next_valid)
  );

  // For each burst to be acknowledged: is it the last one of its request?
  ng_fifo #(.Width(1), .Depth(Outstanding)) u_acks (
    .clk_i, .rst_i,
    .wr_data_i(burst_last), .wr_en_i(issue), .full_no(ack_room),
    .rd_data_o(ack_last), .rd_en_i(ack), .empty_no(ack_known)
  );

  assign m_awsize_o = 3'($clog2(DataWidth / 8));
  assign m_awburst_o = 2'b01;   // INCR
  assign m_awid_o = '0;
  assign m_awcache_o = 4'b0011; // normal, non-cacheable, bufferable
  assign m_awprot_o = 3'b000;
  assign m_wstrb_o = '1;
  assign unused = ^{m_bid_i, next_room, ack_room, ack_known};

  assign is_empty = burst_len == '0;
  assign issue = burst_valid && !is_empty && (!m_awvalid_o || m_awready_i) &&
                 CountWidth'(burst_len) <= unclaimed_q && flight_q != FlightWidth'(Outstanding);
  assign empty_done = burst_valid && is_empty && flight_q == '0;
  assign burst_ready = issue || empty_done;

  assign load = left_q != '0 && beat_valid && (!m_wvalid_o || m_wready_i);
  assign next_take = next_valid && (left_q == '0 || (load && left_q == LenWidth'(1)));
  assign ack = m_bvalid_i && m_bready_o;
  assign error_o = ack && m_bresp_i != 2'b00;
  assign beat_o = m_wvalid_o && m_wready_i;
  assign resp_empty_no = tokens_q != '0;
  assign idle_o = split_idle && flight_q == '0;

  always_ff @(posedge clk_i) begin
    if (issue) begin
      m_awaddr_o <= burst_addr;
      m_awlen_o <= 8'(burst_len) - 8'd1;
    end
    if (load) begin
      m_wdata_o <= beat;
      m_wlast_o <= left_q == LenWidth'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    m_bready_o <= 1'b1;
    if (issue) m_awvalid_o <= 1'b1;
    else if (m_awready_i) m_awvalid_o <= 1'b0;
    if (load) m_wvalid_o <= 1'b1;
    else if (m_wready_i) m_wvalid_o <= 1'b0;
    if (next_take) left_q <= next_len;
    else if (load) left_q <= left_q - 1'b1;
    if (issue || data_write_i)
      unclaimed_q <= unclaimed_q + CountWidth'(data_write_i && data_full_no) -
                     (issue ? CountWidth'(burst_len) : '0);
    if (issue != ack) flight_q <= issue ? flight_q + 1'b1 : flight_q - 1'b1;
    if (ack || empty_done || resp_read_i)
      tokens_q <= tokens_q + 32'((ack && ack_last) || empty_done) -
                  32'(resp_read_i && resp_empty_no);
    if (rst_i) begin
      m_awvalid_o <= 1'b0;
      m_wvalid_o <= 1'b0;
      m_bready_o <= 1'b0;
      unclaimed_q <= '0;
      flight_q <= '0;
      left_q <= '0;
      tokens_q <= '0;
    end
  end

`ifdef FORMAL_NG_AXI_WRITE_MASTER
`include "formal/ng_axi_write_master.svh"
`endif
endmodule
