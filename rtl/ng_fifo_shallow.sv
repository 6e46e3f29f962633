// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_fifo_shallow: first-word fall-through FIFO for a few words (registers or LUT RAM).
//
// A word written into the empty FIFO is at the output in the next cycle, so two places already keep
// the full rate of one word a cycle. Output data and both flags depend on registers only.
//
//   Width     bits of a word
//   Depth     words that fit; 1 is rounded up to 2
//   clk_i     clock
//   rst_i     synchronous reset, active high; empties the FIFO
//   wr_data_i word to write
//   wr_en_i   write; ignored while full_no is low
//   full_no   high: a word can be written
//   rd_data_o oldest word, valid while empty_no is high
//   rd_en_i   removes the oldest word; ignored while empty_no is low
//   empty_no  high: there is a word
//
// Invariants: the words behind the oldest one are in `store`, in a ring; the store holds words only
// while the output register does; a word passes the store only when it could not go straight on.
module ng_fifo_shallow #(
  parameter int unsigned Width = 8,
  parameter int unsigned Depth = 2
) (
  input  logic             clk_i,
  input  logic             rst_i,
  input  logic [Width-1:0] wr_data_i,
  input  logic             wr_en_i,
  output logic             full_no,
  output logic [Width-1:0] rd_data_o,
  input  logic             rd_en_i,
  output logic             empty_no
);
  localparam int unsigned Places = (Depth > 2) ? Depth - 1 : 1;
  localparam int unsigned PtrWidth = (Places > 1) ? $clog2(Places) : 1;
  localparam int unsigned CountWidth = $clog2(Places + 1);
  localparam bit [PtrWidth-1:0] LastPlace = PtrWidth'(Places - 1);

  logic [Width-1:0] store [Places];
  logic [PtrWidth-1:0] wr_ptr_q, rd_ptr_q;
  logic [CountWidth-1:0] count_q;
  logic active;

  assign full_no = count_q != CountWidth'(Places);

  // Nothing changes in other cycles: a simulator need not look. Synthesis needs no such enable.
`ifdef SYNTHESIS
  assign active = 1'b1;
`else
  assign active = wr_en_i || rd_en_i;
`endif

  // The reset stands last, so that a simulator needs no second copy of the registers.
  always_ff @(posedge clk_i) begin : words
    logic load, push, pop;
    logic [Width-1:0] word;
    if (active) begin
      word = wr_data_i;
      load = !empty_no || rd_en_i;
      pop = load && count_q != '0;
      push = wr_en_i && full_no && (!load || count_q != '0);
      if (pop) rd_data_o <= store[rd_ptr_q];
      else if (load && wr_en_i) rd_data_o <= word;
      if (push) store[wr_ptr_q] <= word;
      if (load) empty_no <= pop || wr_en_i;
      if (push) wr_ptr_q <= (wr_ptr_q == LastPlace) ? '0 : wr_ptr_q + 1'b1;
      if (pop) rd_ptr_q <= (rd_ptr_q == LastPlace) ? '0 : rd_ptr_q + 1'b1;
      if (push != pop) count_q <= push ? count_q + 1'b1 : count_q - 1'b1;
    end
    if (rst_i) begin
      empty_no <= 1'b0;
      count_q <= '0;
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
    end
  end

`ifdef FORMAL_NG_FIFO_SHALLOW
`include "formal/ng_fifo_shallow.svh"
`endif
endmodule
