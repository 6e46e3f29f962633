// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_fifo: first-word fall-through FIFO. Up to 64 words it is made of registers or LUT RAM (a word
// is visible one cycle after it was written), above of block RAM (two cycles). It carries one word
// a cycle at every depth, and no input reaches an output without a register in between.
//
//   Width     bits of a word
//   Depth     words that fit; 1 is rounded up to 2
//   clk_i     clock
//   rst_i     synchronous reset, active high; empties the FIFO
//   wr_data_i word to write
//   wr_en_i   write; ignored while full_no is low
//   full_no   high: a word can be written
//   rd_data_o oldest word, valid and stable while empty_no is high and rd_en_i is low
//   rd_en_i   removes the oldest word; ignored while empty_no is low
//   empty_no  high: there is a word
//
// Invariants (proved in formal/): words leave in the order in which they came, none is lost or
// doubled; full_no stays high while fewer than Depth words are inside.
module ng_fifo #(
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
  localparam int unsigned MaxShallowDepth = 64;

  if (Depth <= MaxShallowDepth) begin : gen_shallow
    ng_fifo_shallow #(.Width(Width), .Depth(Depth)) u_fifo (
      .clk_i, .rst_i, .wr_data_i, .wr_en_i, .full_no, .rd_data_o, .rd_en_i, .empty_no
    );
  end else begin : gen_block
    ng_fifo_block #(.Width(Width), .Depth(Depth)) u_fifo (
      .clk_i, .rst_i, .wr_data_i, .wr_en_i, .full_no, .rd_data_o, .rd_en_i, .empty_no
    );
  end
endmodule
