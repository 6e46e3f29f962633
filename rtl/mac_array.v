// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// mac_array: output-stationary array of signed 8-bit multiply-accumulate cells, the RTL black box
// behind the C function of mac_array.hpp (the two must stay equal, cell for cell).
//
// For each of m_tiles * n_tiles tiles, k steps: a step takes one vector of ROWS codes from `a` and
// one vector of COLS codes from `b`, and acc[r][c] += a[r] * b[c] modulo 2^32. A finished tile
// moves to a shadow copy and leaves through `c` while the next tile accumulates: column 0 first, in
// a column ROWS / LANES words of LANES rows, the lowest row in the lowest 32 bits.
//
//   NG_TILE_ROWS, NG_TILE_COLS  macros: rows and columns of the array (default 32)
//   NG_PORT_BITS     macro: bits of an output word (default 512), that is 32 * LANES; LANES must
//                    divide the rows
//   ap_clk, ap_rst   clock; synchronous reset, active high
//   ap_ce            clock enable of everything
//   ap_start, ap_done, ap_idle, ap_ready, ap_continue   block protocol ap_ctrl_chain
//   a_*, b_*         input FIFOs, c_* output FIFO (Vitis HLS's ap_fifo)
//   k, m_tiles, n_tiles   each at least 1; they must hold still until the block is done
//
// One step a cycle, and no pause between tiles while k >= COLS * ROWS / LANES; with a shorter k the
// drain sets the pace. Pipeline of a step: operands, sums, shadow copy. The first step of a tile
// loads the sums instead of adding, so there is no clear cycle. In a DSP48E2 the operands are the
// A and B registers and the sum is P.
//
// Invariants: `hold` stops all stages together, and only while a finished tile waits for the shadow
// copy; the shadow copy is overwritten only when its last word has left it.
`ifndef NG_TILE_ROWS
`define NG_TILE_ROWS 32
`endif
`ifndef NG_TILE_COLS
`define NG_TILE_COLS 32
`endif
`ifndef NG_PORT_BITS
`define NG_PORT_BITS 512
`endif

module mac_array #(
  parameter ROWS = `NG_TILE_ROWS,
  parameter COLS = `NG_TILE_COLS,
  parameter LANES = `NG_PORT_BITS / 32
) (
  input  wire                ap_clk,
  input  wire                ap_rst,
  input  wire                ap_ce,
  input  wire                ap_start,
  output wire                ap_done,
  output wire                ap_idle,
  output wire                ap_ready,
  input  wire                ap_continue,
  input  wire [8*ROWS-1:0]   a_dout,
  input  wire                a_empty_n,
  output wire                a_read,
  input  wire [8*COLS-1:0]   b_dout,
  input  wire                b_empty_n,
  output wire                b_read,
  output wire [32*LANES-1:0] c_din,
  input  wire                c_full_n,
  output wire                c_write,
  input  wire [31:0]         k,
  input  wire [31:0]         m_tiles,
  input  wire [31:0]         n_tiles
);
  localparam WORDS = COLS * (ROWS / LANES);  // words of a tile
  localparam LAST_WORD = ROWS / LANES - 1;   // of a column

  // Sequencing.
  reg         run, done_held;
  reg         more;                     // there are steps still to be taken in
  reg  [31:0] m_left, n_left, k_left;   // rows of tiles, tiles of this row, steps of this tile
  reg         first;                    // the next step is the first one of its tile
  reg         valid1, first1, last1;    // the step in the operand registers
  reg         copy;                     // the sums hold a finished tile
  reg  [15:0] words_left;               // words of the shadow copy still to leave it
  reg         out_valid;

  wire last    = (k_left == 32'd1);     // the last step of its tile
  wire row_end = (n_left == 32'd1);     // the last tile of its row of tiles
  wire move   = (words_left != 16'd0) && (!out_valid || c_full_n);
  wire hold   = copy && (words_left != 16'd0) && !(move && words_left == 16'd1);
  wire step   = run && more && a_empty_n && b_empty_n && !hold;
  wire start  = ap_start && !run && !done_held;
  wire finish = run && !more && !valid1 && !copy && (words_left == 16'd0) &&
                !out_valid;

  assign a_read   = step && ap_ce;
  assign b_read   = step && ap_ce;
  assign c_write  = out_valid && c_full_n && ap_ce;
  assign ap_ready = finish;
  assign ap_done  = finish || done_held;
  assign ap_idle  = !run && !ap_start;

  always @(posedge ap_clk) begin
    if (ap_rst) begin
      run <= 1'b0;
      done_held <= 1'b0;
      more <= 1'b0;
      m_left <= 32'd0;
      n_left <= 32'd0;
      k_left <= 32'd0;
      first <= 1'b1;
      valid1 <= 1'b0;
      copy <= 1'b0;
      words_left <= 16'd0;
      out_valid <= 1'b0;
    end else if (ap_ce) begin
      done_held <= ap_done && !ap_continue;
      if (finish) run <= 1'b0;
      if (start) begin
        run <= 1'b1;
        more <= 1'b1;
        m_left <= m_tiles;
        n_left <= n_tiles;
        k_left <= k;
        first <= 1'b1;
      end else if (step) begin
        first <= last;
        k_left <= last ? k : k_left - 32'd1;
        if (last) begin
          n_left <= row_end ? n_tiles : n_left - 32'd1;
          if (row_end) m_left <= m_left - 32'd1;
          if (row_end && m_left == 32'd1) more <= 1'b0;
        end
      end
      if (!hold) begin
        valid1 <= step;
        copy <= valid1 && last1;
      end
      if (copy && !hold) words_left <= WORDS[15:0];
      else if (move) words_left <= words_left - 16'd1;
      if (move) out_valid <= 1'b1;
      else if (c_full_n) out_valid <= 1'b0;
    end
  end

  always @(posedge ap_clk) begin
    if (ap_ce && step) begin
      first1 <= first;
      last1 <= last;
    end
  end

  // Data path. Columns come first in the indices, so that the rows of a column are neighbours, as
  // they are in an output word. The two large arrays are written with blocking assignments: this
  // is the only block that touches them, and it reads each before it writes it, so the registers
  // are the same, while a simulator need not keep a second copy of 2 * ROWS * COLS words (2.3 times
  // the speed in Verilator, measured in docs/rtl.md). The branch on `first1` is outside the loops
  // for the same reason.
  reg signed [7:0]   a1 [0:ROWS-1];
  reg signed [7:0]   b1 [0:COLS-1];
  /* verilator lint_off BLKSEQ */
  reg signed [31:0]  sum [0:COLS-1][0:ROWS-1];
  reg signed [31:0]  shadow [0:COLS-1][0:ROWS-1];
  /* verilator lint_on BLKSEQ */
  reg         [32*LANES-1:0] out;

  // Where the next word of the shadow copy is.
  integer column, word;

  integer i, w, r, c;
  always @(posedge ap_clk) begin
    if (ap_ce && move) begin
      // Constant row indices: the multiplexer selects among columns and words of a column only.
      for (w = 0; w < ROWS / LANES; w = w + 1)
        if (word == w)
          for (i = 0; i < LANES; i = i + 1) out[32*i +: 32] <= shadow[column][LANES*w + i];
    end
    if (ap_ce && copy && !hold) begin
      for (c = 0; c < COLS; c = c + 1)
        for (r = 0; r < ROWS; r = r + 1) shadow[c][r] = sum[c][r];
    end
    if (ap_ce && valid1 && !hold) begin
      if (first1) begin
        for (c = 0; c < COLS; c = c + 1)
          for (r = 0; r < ROWS; r = r + 1) sum[c][r] = a1[r] * b1[c];
      end else begin
        for (c = 0; c < COLS; c = c + 1)
          for (r = 0; r < ROWS; r = r + 1) sum[c][r] = sum[c][r] + a1[r] * b1[c];
      end
    end
    if (ap_ce && step) begin
      for (r = 0; r < ROWS; r = r + 1) a1[r] <= a_dout[8*r +: 8];
      for (c = 0; c < COLS; c = c + 1) b1[c] <= b_dout[8*c +: 8];
    end
  end

  always @(posedge ap_clk) begin
    if (ap_ce && copy && !hold) begin
      column <= 0;
      word <= 0;
    end else if (ap_ce && move) begin
      word <= (word == LAST_WORD) ? 0 : word + 1;
      if (word == LAST_WORD) column <= column + 1;
    end
  end

  assign c_din = out;
endmodule
