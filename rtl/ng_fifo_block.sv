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
  logic [PtrWidth-1:0] wr_ptr_q, rd_ptr_q;
  logic [CountWidth-1:0] count_q;
  logic active;

  assign full_no = count_q != CountWidth'(Depth);

  // Nothing changes in other cycles: a simulator need not look. Synthesis needs no such enable.
`ifdef SYNTHESIS
  assign active = 1'b1;
`else
  assign active = wr_en_i || rd_en_i || (count_q != '0) != empty_no;
`endif

  // The reset stands last, so that a simulator needs no second copy of the registers.
  always_ff @(posedge clk_i) begin : words
    logic put, take, more, fetch;
    logic [PtrWidth-1:0] rd_ptr_d;
    if (active) begin
      put = wr_en_i && full_no;
      take = rd_en_i && empty_no;
      // The word of this cycle's write cannot be read yet, so it does not count for `more`.
      more = count_q != CountWidth'(take);
      fetch = more && (take || !empty_no);
      rd_ptr_d = !take ? rd_ptr_q : (rd_ptr_q == LastPlace) ? '0 : rd_ptr_q + 1'b1;
      if (fetch) rd_data_o <= mem[rd_ptr_d];
      if (put) mem[wr_ptr_q] <= wr_data_i;
      empty_no <= more;
      rd_ptr_q <= rd_ptr_d;
      if (put) wr_ptr_q <= (wr_ptr_q == LastPlace) ? '0 : wr_ptr_q + 1'b1;
      if (put != take) count_q <= put ? count_q + 1'b1 : count_q - 1'b1;
    end
    if (rst_i) begin
      empty_no <= 1'b0;
      count_q <= '0;
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
    end
  end

`ifdef FORMAL_NG_FIFO_BLOCK
`include "formal/ng_fifo_block.svh"
`endif
endmodule
