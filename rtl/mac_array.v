// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// mac_array: output-stationary array of multiply-accumulate cells with block scales, the RTL black
// box behind the C function of mac_array.hpp (the two must stay equal, word for word). This module
// is the sequence; what is computed is in ng_mac_datapath.
//
// For each of m_tiles * n_tiles tiles, blocks of `block` steps of k (the last may be shorter). The
// cells sum a block exactly; its sums then move to a shadow copy, which passes GROUPS cycles long
// through the scale-and-accumulate lanes while the next block accumulates. The results of the last
// block of a tile go to one of two result buffers, and from there out through `c`: column 0 first,
// in a column ROWS / LANES words (and LUT_ROWS / LANES more in the kNibble class), the lowest rows in the
// lowest bits.
//
//   NG_TILE_ROWS, NG_TILE_COLS  macros: rows and columns of the array (default 32)
//   NG_LUT_ROWS      macro: so many rows more in calls of the kNibble class (default 0), a multiple of LANES and
//                    even, in NG_DSP_ARRAY only: a_*, a_zeros_* and a_scales_* have lanes for them in every
//                    call, and a column of such a call's tile has their words behind the others
//   NG_PORT_BITS     macro: bits of an output word (default 512), that is 32 * LANES
//   NG_LANE_GROUPS   macro: cycles that a block occupies the lanes, 16 (default) or 32: there are
//                    ROWS * COLS / GROUPS lanes
//   NG_DSP_ARRAY     macro: the datapath is that of dsp/, which works on windows of 16 words and takes
//                    a multiple of 32 columns and an even number of rows; with NG_POWER_SCALES its
//                    lanes take scales that are powers of two only (E8M0), and with NG_WIDE_PRODUCTS,
//                    which wants 32 groups, it takes kFloat products but for those of E5M2
//   ap_clk, ap_rst   clock; synchronous reset, active high
//   ap_ce            clock enable of everything
//   ap_start, ap_done, ap_idle, ap_ready, ap_continue   block protocol ap_ctrl_chain
//   a_*, b_*         input FIFOs: a step's codes of every row or column, or in the kNibble class the
//                    4-bit codes of two steps; a_zeros_*, b_zeros_* of 8-bit zero-points and
//                    a_scales_*, b_scales_* of 36-bit decoded scales, one word a block where the
//                    operand's format has them
//   c_*              output FIFO (all are Vitis HLS's ap_fifo)
//   calls            how many calls there are; it must hold still until the block is done
//   call_*           input FIFO with a record of each: k, m_tiles, n_tiles (each at least 1), a_format,
//                    b_format, block (k when there are no scales), sum_exponent (docs/seams.md, section
//                    11), k in the lowest bits
//
// Pace: the kByte class takes one step of k a cycle, kNibble two (a pair of steps is one
// word), kFloat one in two cycles. A block occupies the lanes for GROUPS cycles: shorter blocks
// wait for them. Pipeline: operands, products, aligned products, sums, shadow. On packed DSPs
// (NG_DSP_ARRAY) a block's words are made up to a multiple of 16. A call of the same formats as the one
// before begins 3 cycles after its last word; another one when its last block has left the lanes, while
// its results may still be waiting.
//
// Invariants: `hold` stops the stages before the shadow together, and only while a finished block
// waits for the shadow, its scales or a result buffer; the lanes never stop, because a finished
// block starts into them only when its place in a result buffer is free.
`ifndef NG_TILE_ROWS
`define NG_TILE_ROWS 32
`endif
`ifndef NG_LUT_ROWS
`define NG_LUT_ROWS 0
`endif
`ifndef NG_TILE_COLS
`define NG_TILE_COLS 32
`endif
`ifndef NG_PORT_BITS
`define NG_PORT_BITS 512
`endif
`ifndef NG_LANE_GROUPS
`define NG_LANE_GROUPS 16
`endif

module mac_array #(
  parameter ROWS = `NG_TILE_ROWS,
  parameter LUT_ROWS = `NG_LUT_ROWS,
  parameter COLS = `NG_TILE_COLS,
  parameter LANES = `NG_PORT_BITS / 32,
  parameter GROUPS = `NG_LANE_GROUPS
) (
  input  wire                ap_clk,
  input  wire                ap_rst,
  input  wire                ap_ce,
  input  wire                ap_start,
  output wire                ap_done,
  output wire                ap_idle,
  output wire                ap_ready,
  input  wire                ap_continue,
  input  wire [223:0]        call_dout,
  input  wire                call_empty_n,
  output wire                call_read,
  input  wire [8*(ROWS+LUT_ROWS)-1:0] a_dout,
  input  wire                a_empty_n,
  output wire                a_read,
  input  wire [8*COLS-1:0]   b_dout,
  input  wire                b_empty_n,
  output wire                b_read,
  input  wire [8*(ROWS+LUT_ROWS)-1:0] a_zeros_dout,
  input  wire                a_zeros_empty_n,
  output wire                a_zeros_read,
  input  wire [8*COLS-1:0]   b_zeros_dout,
  input  wire                b_zeros_empty_n,
  output wire                b_zeros_read,
  input  wire [36*(ROWS+LUT_ROWS)-1:0] a_scales_dout,
  input  wire                a_scales_empty_n,
  output wire                a_scales_read,
  input  wire [36*COLS-1:0]  b_scales_dout,
  input  wire                b_scales_empty_n,
  output wire                b_scales_read,
  output wire [32*LANES-1:0] c_din,
  input  wire                c_full_n,
  output wire                c_write,
  input  wire [31:0]         calls
);
`ifdef NG_DSP_ARRAY
`ifdef NG_WIDE_PRODUCTS
  localparam LATENCY = 42;                   // from a group's turn to the result buffer
  localparam OF_GROUPS_REFUSED = (GROUPS != 32);
`else
  localparam LATENCY = 38;
  localparam OF_GROUPS_REFUSED = (GROUPS != 16 && GROUPS != 32);
`endif
  localparam [3:0] LAST_SLOT = 4'd15;        // a block is made up to windows of 16 words
  localparam REFUSED = OF_GROUPS_REFUSED || COLS % 32 != 0 || ROWS % 2 != 0 || LUT_ROWS % 2 != 0;
`else
  localparam LATENCY = 17;                   // of the lanes, from the shadow to the result buffer
  localparam [3:0] LAST_SLOT = 4'd0;
  localparam REFUSED = (GROUPS != 16) || COLS % 16 != 0 || LUT_ROWS != 0;
`endif
  localparam GROUP_BITS = $clog2(GROUPS);
  localparam GROUP_WORDS = (COLS / GROUPS) * (ROWS / LANES);  // output words of a group
  localparam LAST_GROUP = GROUPS - 1;
  localparam LAST_PART = GROUP_WORDS - 1;
  localparam LUT_GROUP_WORDS = (COLS / GROUPS) * (LUT_ROWS / LANES);  // and of the LUT rows
  generate
    if (REFUSED || ROWS % LANES != 0 || LUT_ROWS % LANES != 0 || GROUP_WORDS > 256 ||
        LUT_GROUP_WORDS > 256) begin : gen_refused
      mac_array_has_no_such_geometry refused ();
    end
  endgenerate

  // The call in hand.
  reg  [223:0] call;
  wire [31:0] k            = call[31:0];
  wire [31:0] m_tiles      = call[63:32];
  wire [31:0] n_tiles      = call[95:64];
  wire [31:0] a_format     = call[127:96];
  wire [31:0] b_format     = call[159:128];
  wire [31:0] block        = call[191:160];
  wire [31:0] sum_exponent = call[223:192];

  // The class of the product (docs/seams.md, section 11; hls/formats/formats.hpp).
  wire is_float  = (a_format[7:0] >= 8'd6) || (b_format[7:0] >= 8'd6);
  wire a_zeroed  = (a_format[11:8] == 4'd4);
  wire b_zeroed  = (b_format[11:8] == 4'd4);
  wire a_four    = (a_format[7:0] >= 8'd2) && (a_format[7:0] <= 8'd4);
  wire b_four    = (b_format[7:0] >= 8'd2) && (b_format[7:0] <= 8'd4);
  wire is_nibble = a_four && b_four && !a_zeroed && !b_zeroed;
  wire a_scaled  = (a_format[11:8] != 4'd0);
  wire b_scaled  = (b_format[11:8] != 4'd0);
  wire is_raw    = !is_float && !a_scaled && !b_scaled;

  // Sequence of steps. `left` counts words of the block in hand, `rest` steps of k after it.
  reg         run, done_held;
  reg  [31:0] calls_left;       // not begun
  reg         loaded;           // `call` has been read and begins in this cycle
  reg         in_call;          // it has begun, and is not through the lanes
  reg         fresh;            // with `loaded`: nothing of the call before is under way
  reg         alike;            // the next record is there and has the formats of the call in hand
  reg         more;             // there are words still to be taken in
  reg  [31:0] m_left, n_left;   // rows of tiles, tiles of this row
  reg  [31:0] left, rest;
  reg         first;            // the next word is the first one of its block
  reg         opening;          // the block in hand is the first one of its tile
  reg         repeated;         // the operand registers hold the second half of a kFloat step
  reg  [3:0]  slot;             // of the next word in its window
  reg         padding;          // the block's words are all in, its last window is not full

  wire [31:0] first_steps = (k > block) ? block : k;
  wire [31:0] first_rest  = k - first_steps;
  wire [31:0] next_steps  = (rest > block) ? block : rest;
  wire [31:0] block_steps = (loaded || rest == 32'd0) ? first_steps : next_steps;
  wire [31:0] block_words = is_nibble ? (block_steps >> 1) + {31'd0, block_steps[0]} : block_steps;

  // Stages: operands (1), products (2), aligned products (3), sums.
  reg         valid1, first1, last1, final1, opening1;
  reg         valid2, first2, last2, final2, opening2;
  reg         valid3, first3, last3, final3, opening3;
  reg         copy, copy_final, copy_opening;  // the sums hold a finished block

  // Groups of the shadow that have still to enter the lanes; results on their way and waiting.
  reg  [GROUP_BITS:0]  groups_left;
  reg                  shadow_final;       // they are those of a tile's last block
  reg  [LATENCY-1:0]   lane_valid;         // bit LATENCY-1 writes
  reg  [LATENCY-1:0]   lane_end;           // the last group of a tile
  reg  [1:0]           reserved, full;     // result buffers
  reg                  fill_half, drain_half;
  reg  [GROUP_BITS-1:0] word_group;        // next output word: its group, and which one of it
  reg  [7:0]           word_part;
  reg                  out_valid;

  wire last    = (left == 32'd1);     // the last word of its block
  wire closing = (rest == 32'd0);     // the block in hand is the last one of its tile
  wire row_end = (n_left == 32'd1);   // the last tile of its row of tiles

  wire enter    = (groups_left != 0);
  wire lanes_free = (groups_left <= 1);
  wire scales_here = (!a_scaled || a_scales_empty_n) && (!b_scaled || b_scales_empty_n);
  wire sent     = (full != 2'd0) && (!out_valid || c_full_n);
  wire last_part = (word_part == LAST_PART[7:0]);
  wire send_lut, last_word;           // the next word is one of the LUT rows, and the last one of its group
  wire [7:0] lut_part;
  wire group_sent = sent && last_word;
  wire tile_sent = group_sent && (word_group == LAST_GROUP[GROUP_BITS-1:0]);
  wire may_copy = lanes_free && scales_here && (!copy_final || reserved != 2'd2);
  wire hold     = copy && !may_copy;
  wire start_lanes = copy && may_copy;
  wire again    = is_float && valid1 && !repeated;  // the second half of a step comes next
  wire zeros_here = !first || ((!a_zeroed || a_zeros_empty_n) && (!b_zeroed || b_zeros_empty_n));
  wire step     = run && more && a_empty_n && b_empty_n && zeros_here && !hold && !again && !padding;
  wire pad      = padding && !hold && !again;
  wire full_window = (slot == LAST_SLOT);
  wire tile_done = lane_end[LATENCY-1];

  wire start  = ap_start && !run && !done_held;
  wire passed = in_call && !more && !padding && !valid1 && !valid2 && !valid3 && !copy && !enter &&
                (lane_valid == {LATENCY{1'b0}});
  wire through = !in_call || passed;
  wire load   = run && !loaded && (through || (alike && !more && !padding)) && (calls_left != 32'd0) &&
                call_empty_n;
  wire finish = run && !loaded && !in_call && (calls_left == 32'd0) && (reserved == 2'd0) &&
                !out_valid;

  assign call_read     = load && ap_ce;
  assign a_read        = step && ap_ce;
  assign b_read        = step && ap_ce;
  assign a_zeros_read  = step && first && a_zeroed && ap_ce;
  assign b_zeros_read  = step && first && b_zeroed && ap_ce;
  assign a_scales_read = start_lanes && a_scaled && ap_ce;
  assign b_scales_read = start_lanes && b_scaled && ap_ce;
  assign c_write       = out_valid && c_full_n && ap_ce;
  assign ap_ready      = finish;
  assign ap_done       = finish || done_held;
  assign ap_idle       = !run && !ap_start;

  always @(posedge ap_clk) begin
    if (ap_rst) begin
      run <= 1'b0;
      done_held <= 1'b0;
      calls_left <= 32'd0;
      loaded <= 1'b0;
      fresh <= 1'b0;
      alike <= 1'b0;
      in_call <= 1'b0;
      more <= 1'b0;
      first <= 1'b1;
      opening <= 1'b1;
      repeated <= 1'b0;
      slot <= 4'd0;
      padding <= 1'b0;
      m_left <= 32'd0;
      n_left <= 32'd0;
      left <= 32'd0;
      rest <= 32'd0;
    end else if (ap_ce) begin
      done_held <= ap_done && !ap_continue;
      if (finish) run <= 1'b0;
      if (start) begin
        run <= 1'b1;
        calls_left <= calls;
      end else if (load) begin
        calls_left <= calls_left - 32'd1;
      end
      loaded <= load;
      fresh <= through;
      alike <= call_empty_n && !load && (call_dout[159:96] == call[159:96]) &&
               (call_dout[223:192] == sum_exponent);
      if (loaded) in_call <= 1'b1;
      else if (passed) in_call <= 1'b0;
      if (loaded) begin
        more <= 1'b1;
        m_left <= m_tiles;
        n_left <= n_tiles;
        left <= block_words;
        rest <= first_rest;
        first <= 1'b1;
        opening <= 1'b1;
      end else if (step) begin
        first <= last;
        left <= last ? block_words : left - 32'd1;
        if (last) begin
          opening <= closing;
          rest <= closing ? first_rest : rest - next_steps;
          if (closing) begin
            n_left <= row_end ? n_tiles : n_left - 32'd1;
            if (row_end) m_left <= m_left - 32'd1;
            if (row_end && m_left == 32'd1) more <= 1'b0;
          end
        end
      end
      if (step || pad) begin
        slot <= full_window ? 4'd0 : slot + 4'd1;
        padding <= (padding || last) && !full_window;
      end
      if (!hold) repeated <= again;
    end
    if (ap_ce && load) call <= call_dout;
  end

  always @(posedge ap_clk) begin
    if (ap_rst) begin
      valid1 <= 1'b0;
      valid2 <= 1'b0;
      valid3 <= 1'b0;
      copy <= 1'b0;
    end else if (ap_ce && !hold) begin
      valid1 <= step || pad || again;
      valid2 <= valid1;
      valid3 <= valid2;
      copy <= valid3 && last3;
    end
    if (ap_ce && (step || pad)) begin
      first1 <= first && !padding;
      last1 <= (last || padding) && full_window;
    end
    if (ap_ce && step) begin
      final1 <= closing;
      opening1 <= opening;
    end
    if (ap_ce && !hold) begin
      // Of a kFloat step's two halves the second one ends it.
      {first2, last2, final2, opening2} <= {first1, last1 && !again, final1, opening1};
      {first3, last3, final3, opening3} <= {first2, last2, final2, opening2};
      {copy_final, copy_opening} <= {final3, opening3};
    end
  end

  // The lanes and the result buffers.
  always @(posedge ap_clk) begin
    if (ap_rst) begin
      groups_left <= 0;
      lane_valid <= {LATENCY{1'b0}};
      lane_end <= {LATENCY{1'b0}};
      reserved <= 2'd0;
      full <= 2'd0;
      fill_half <= 1'b0;
      drain_half <= 1'b0;
      word_group <= 0;
      word_part <= 8'd0;
      out_valid <= 1'b0;
    end else if (ap_ce) begin
      if (start_lanes) groups_left <= GROUPS[GROUP_BITS:0];
      else if (enter) groups_left <= groups_left - 1;
      lane_valid <= {lane_valid[LATENCY-2:0], enter};
      lane_end <= {lane_end[LATENCY-2:0], lanes_free && enter && shadow_final};
      reserved <= reserved + {1'b0, start_lanes && copy_final} - {1'b0, tile_sent};
      full <= full + {1'b0, tile_done} - {1'b0, tile_sent};
      if (start_lanes && copy_final) fill_half <= !fill_half;
      if (sent && !send_lut) word_part <= last_part ? 8'd0 : word_part + 8'd1;
      if (group_sent) word_group <= word_group + 1;  // GROUPS is a power of two
      if (tile_sent) drain_half <= !drain_half;
      if (sent) out_valid <= 1'b1;
      else if (c_full_n) out_valid <= 1'b0;
    end
    if (ap_ce && start_lanes) shadow_final <= copy_final;
  end

  // The LUT rows' words: in every column behind the others, if the tile that is sent is of a kNibble call. That
  // is not always the call in hand.
  generate
    if (LUT_ROWS != 0) begin : gen_lut_words
      localparam LAST_OF_COLUMN = ROWS / LANES - 1;
      localparam LAST_LUT_OF_COLUMN = LUT_ROWS / LANES - 1;
      localparam LAST_LUT_PART = LUT_GROUP_WORDS - 1;
      reg  [1:0] tall;       // of the result buffers: its tile has these rows
      reg        of_luts;
      reg  [7:0] part;
      reg  [7:0] of_column;  // words of the column that are sent, of this kind
      wire       now_tall = tall[drain_half];
      wire       column_end = (of_column == (of_luts ? LAST_LUT_OF_COLUMN[7:0] : LAST_OF_COLUMN[7:0]));
      wire       part_end = (part == LAST_LUT_PART[7:0]);
      always @(posedge ap_clk) begin
        if (ap_rst) begin
          of_luts <= 1'b0;
          part <= 8'd0;
          of_column <= 8'd0;
        end else if (ap_ce && sent) begin
          if (column_end) of_luts <= now_tall && !of_luts;
          if (of_luts) part <= part_end ? 8'd0 : part + 8'd1;
          of_column <= column_end ? 8'd0 : of_column + 8'd1;
        end
        if (ap_ce && start_lanes && copy_final) tall[fill_half] <= is_nibble;
      end
      assign send_lut = of_luts;
      assign lut_part = part;
      assign last_word = of_luts ? part_end : last_part && !now_tall;
    end else begin : gen_no_lut_words
      assign send_lut = 1'b0;
      assign lut_part = 8'd0;
      assign last_word = last_part;
    end
  endgenerate

  ng_mac_datapath #(
    .ROWS(ROWS), .LUT_ROWS(LUT_ROWS), .COLS(COLS), .LANES(LANES), .GROUPS(GROUPS), .LATENCY(LATENCY)
  ) datapath (
    .clk_i(ap_clk),
    .ce_i(ap_ce),
    .start_i(loaded && fresh),
    .a_format_i(a_format[11:0]),
    .b_format_i(b_format[11:0]),
    .is_float_i(is_float),
    .is_nibble_i(is_nibble),
    .is_raw_i(is_raw),
    .a_scaled_i(a_scaled),
    .b_scaled_i(b_scaled),
    .sum_exponent_i(sum_exponent[11:0]),
    .load_i(step || pad),
    .pad_i(pad),
    .a_i(a_dout),
    .b_i(b_dout),
    .load_first_i(first && !padding),
    .a_zeros_i(a_zeros_dout),
    .b_zeros_i(b_zeros_dout),
    .advance_i(!hold),
    .multiply_i(valid1),
    .second_half_i(repeated),
    .align_i(valid2),
    .sum_i(valid3),
    .first_i(first3),
    .last_i(last3),
    .copy_i(start_lanes),
    .a_scales_i(a_scales_dout),
    .b_scales_i(b_scales_dout),
    .opening_i(copy_opening),
    .final_i(copy_final),
    .fill_half_i(fill_half),
    .enter_i(enter),
    .group_i({GROUP_BITS{1'b0}} - groups_left[GROUP_BITS-1:0]),
    .send_i(sent),
    .drain_half_i(drain_half),
    .send_group_i(word_group),
    .send_part_i(word_part),
    .send_lut_i(send_lut),
    .send_lut_part_i(lut_part),
    .word_o(c_din)
  );

  wire unused = ^{a_format[31:12], b_format[31:12], sum_exponent[31:12], lane_valid[LATENCY-1]};
endmodule
