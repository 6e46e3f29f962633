// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_axi_read_master: turns requests for runs of beats into AXI4 read bursts and hands the data on
// in order, one beat a cycle, with up to Outstanding bursts in flight to hide the memory's latency.
//
//   AddrWidth     bits of a byte address
//   DataWidth     bits of a beat: a power of two, 16 to 1024
//   IdWidth       bits of the (always zero) transaction identifier
//   MaxBurst      longest burst in beats: a power of two from 2 to 256, cut down to 4 KiB
//   Outstanding   bursts in flight at most; the data buffer has room for so many of full length
//   RequestDepth  requests that can wait
//   clk_i, rst_i  clock; synchronous reset, active high
//   base_i        byte address of beat 0 (see ng_burst_split)
//   req_data_i    {beats[31:0], offset[63:0] in beats from base_i}; a request of 0 beats is dropped
//   req_write_i, req_full_no          write side of the request FIFO
//   data_o, data_read_i, data_empty_no  read side of the data FIFO
//   m_ar*, m_r*   AXI4 read channels; all outputs come from registers
//   beat_o        a beat is taken from the bus in this cycle
//   error_o       ... and its RRESP is not OKAY; its data are handed on all the same
//   idle_o        no request waits and no burst is under way (data may still be in the buffer)
//
// Invariants (proved in formal/): ARVALID and its payload hold until ARREADY; a burst stays within
// 4 KiB; a burst is issued only when the buffer has room for all of it, so RREADY never falls;
// every beat with an error, and no other, pulses error_o.
module ng_axi_read_master #(
  parameter int unsigned AddrWidth = 64,
  parameter int unsigned DataWidth = 512,
  parameter int unsigned IdWidth = 1,
  parameter int unsigned MaxBurst = 64,
  parameter int unsigned Outstanding = 8,
  parameter int unsigned RequestDepth = 4
) (
  input  logic                 clk_i,
  input  logic                 rst_i,
  input  logic [AddrWidth-1:0] base_i,

  input  logic [95:0]          req_data_i,
  input  logic                 req_write_i,
  output logic                 req_full_no,

  output logic [DataWidth-1:0] data_o,
  output logic                 data_empty_no,
  input  logic                 data_read_i,

  output logic [AddrWidth-1:0] m_araddr_o,
  output logic [7:0]           m_arlen_o,
  output logic [2:0]           m_arsize_o,
  output logic [1:0]           m_arburst_o,
  output logic [IdWidth-1:0]   m_arid_o,
  output logic [3:0]           m_arcache_o,
  output logic [2:0]           m_arprot_o,
  output logic                 m_arvalid_o,
  input  logic                 m_arready_i,
  input  logic [DataWidth-1:0] m_rdata_i,
  input  logic [1:0]           m_rresp_i,
  input  logic                 m_rlast_i,
  input  logic [IdWidth-1:0]   m_rid_i,
  input  logic                 m_rvalid_i,
  output logic                 m_rready_o,

  output logic                 beat_o,
  output logic                 error_o,
  output logic                 idle_o
);
  localparam int unsigned PageBeats = 4096 / (DataWidth / 8);
  localparam int unsigned BurstBeats = (MaxBurst < PageBeats) ? MaxBurst : PageBeats;
  localparam int unsigned LenWidth = $clog2(BurstBeats) + 1;
  localparam int unsigned BufferBeats = Outstanding * BurstBeats;
  localparam int unsigned RoomWidth = $clog2(BufferBeats + 1);
  localparam int unsigned FlightWidth = $clog2(Outstanding + 1);

  logic [AddrWidth-1:0] burst_addr;
  logic [LenWidth-1:0] burst_len;
  logic burst_last, burst_valid, burst_ready, split_idle, issue, is_empty;
  logic data_fire, burst_done, buffer_room, unused;

  // Beats of the buffer that no issued burst has claimed, and bursts whose last beat is to come.
  logic [RoomWidth-1:0] room_q;
  logic [FlightWidth-1:0] flight_q;

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
    .wr_data_i(m_rdata_i), .wr_en_i(beat_o), .full_no(buffer_room),
    .rd_data_o(data_o), .rd_en_i(data_read_i), .empty_no(data_empty_no)
  );

  assign m_arsize_o = 3'($clog2(DataWidth / 8));
  assign m_arburst_o = 2'b01;   // INCR
  assign m_arid_o = '0;
  assign m_arcache_o = 4'b0011; // normal, non-cacheable, bufferable
  assign m_arprot_o = 3'b000;
  assign unused = ^{m_rid_i, buffer_room, burst_last};

  assign is_empty = burst_len == '0;
  assign issue = burst_valid && !is_empty && (!m_arvalid_o || m_arready_i) &&
                 RoomWidth'(burst_len) <= room_q && flight_q != FlightWidth'(Outstanding);
  assign burst_ready = issue || is_empty;
  assign beat_o = m_rvalid_i && m_rready_o;
  assign error_o = beat_o && m_rresp_i != 2'b00;
  assign burst_done = beat_o && m_rlast_i;
  assign data_fire = data_empty_no && data_read_i;
  assign idle_o = split_idle && !m_arvalid_o && flight_q == '0;

  always_ff @(posedge clk_i) begin
    if (issue) begin
      m_araddr_o <= burst_addr;
      m_arlen_o <= 8'(burst_len) - 8'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    m_rready_o <= 1'b1;
    if (issue) m_arvalid_o <= 1'b1;
    else if (m_arready_i) m_arvalid_o <= 1'b0;
    if (issue || data_fire)
      room_q <= room_q - (issue ? RoomWidth'(burst_len) : '0) + RoomWidth'(data_fire);
    if (issue != burst_done) flight_q <= issue ? flight_q + 1'b1 : flight_q - 1'b1;
    if (rst_i) begin
      m_arvalid_o <= 1'b0;
      m_rready_o <= 1'b0;
      room_q <= RoomWidth'(BufferBeats);
      flight_q <= '0;
    end
  end

`ifdef FORMAL_NG_AXI_READ_MASTER
`include "formal/ng_axi_read_master.svh"
`endif
endmodule
