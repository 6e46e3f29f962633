// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_fifo_block: first-word fall-through FIFO for many words, in block RAM with a registered read.
//
// A word written into the empty FIFO is at the output two cycles later; the rate is one word a
// cycle. Output data and both flags depend on registers only.
//
//   Width     bits of a word
//   Depth     words that fit, at least 4
//   clk_i, rst_i, wr_data_i, wr_en_i, full_no, rd_data_o, rd_en_i, empty_no: as in ng_fifo
//
// Invariants: the word at the output keeps its place in the memory until it is removed; a place is
// never read in the cycle in which it is written; empty_no is high only if count_q is not 0.
module ng_fifo_block #(
  parameter int unsigned Width = 8,
  parameter int unsigned Depth = 512
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
  localparam int unsigned PtrWidth = $clog2(Depth);
  localparam int unsigned CountWidth = $clog2(Depth + 1);
  localparam bit [PtrWidth-1:0] LastPlace = PtrWidth'(Depth - 1);

  logic [Width-1:0] mem [Depth];
  logic [PtrWidth-1:0] wr_ptr_q, rd_ptr_q, rd_ptr_d;
  logic [CountWidth-1:0] count_q;
  logic push, pop, more, fetch;

  assign full_no = count_q != CountWidth'(Depth);
  assign push = wr_en_i && full_no;
  assign pop = rd_en_i && empty_no;
  // The word of this cycle's write cannot be read yet, so it does not count for `more`.
  assign more = count_q != CountWidth'(pop);
  assign fetch = more && (pop || !empty_no);
  assign rd_ptr_d = !pop ? rd_ptr_q : (rd_ptr_q == LastPlace) ? '0 : rd_ptr_q + 1'b1;

  always_ff @(posedge clk_i) begin
    if (push) mem[wr_ptr_q] <= wr_data_i;
    if (fetch) rd_data_o <= mem[rd_ptr_d];
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      empty_no <= 1'b0;
      count_q <= '0;
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
    end else begin
      empty_no <= more;
      rd_ptr_q <= rd_ptr_d;
      if (push != pop) count_q <= push ? count_q + 1'b1 : count_q - 1'b1;
      if (push) wr_ptr_q <= (wr_ptr_q == LastPlace) ? '0 : wr_ptr_q + 1'b1;
    end
  end

`ifdef FORMAL_NG_FIFO_BLOCK
`include "formal/ng_fifo_block.svh"
`endif
endmodule
