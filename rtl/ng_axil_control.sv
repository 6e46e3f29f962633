// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_axil_control: AXI4-Lite control registers of a kernel, block protocol ap_ctrl_chain.
//
//   0x000 AP_CTRL   0 start: set by writing 1, cleared when the kernel has read its arguments
//                     (ap_ready), unless auto_restart
//                   1 done: set by the kernel; reads 1 until continue is written; a read clears it
//                     too where the kernel no longer holds ap_done (auto_restart)
//                   2 idle   3 ready: cleared by reading   4 continue: write 1, reads 0
//                   7 auto_restart: done runs are continued and restarted by hardware
//   0x004 GIE       0 interrupts enabled
//   0x008 IER       0 on done, 1 on ready
//   0x00C ISR       0 done, 1 ready; a written 1 toggles the bit
//   ArgOffsets      arguments, read and write
//   0x800.. read only: magic, version, hash low, hash high, number of counters, 0; from 0x818
//                   the 64-bit counters, low word first
// All other addresses read 0 and ignore writes; every response is OKAY. Byte strobes count.
//
//   AddrWidth    bits of the address (12 in Narrowgate's kernels)
//   NumArgs      32-bit argument words
//   ArgOffsets   byte address of each word, word 0 in the lowest AddrWidth bits
//   NumCounters  64-bit counters
//   Magic, Version, Hash  constants of the read-only block
//   clk_i, rst_i clock; synchronous reset, active high
//   s_*          AXI4-Lite slave; AW and W may come in any order
//   args_o       argument words, word 0 in the lowest 32 bits
//   counter_read_o, counter_o  a counter is read in this cycle, and which of their words: counter
//                1's low word is 2
//   counter_i    that word, in the same cycle
//   ap_start_o, ap_done_i, ap_ready_i, ap_idle_i, ap_continue_o  block protocol of the kernel
//   interrupt_o  high while GIE and a bit of ISR are set
//
// Invariants (B and R proved in formal/): a response holds until taken; one write and one read are
// under way at most; ap_continue_o is high for one cycle per written 1.
module ng_axil_control #(
  parameter int unsigned AddrWidth = 12,
  parameter int unsigned NumArgs = 1,
  parameter bit [NumArgs*AddrWidth-1:0] ArgOffsets = (NumArgs * AddrWidth)'(16),
  parameter int unsigned NumCounters = 1,
  parameter bit [31:0] Magic = 32'h4E474154,
  parameter bit [31:0] Version = 32'd2,
  parameter bit [63:0] Hash = 64'd0
) (
  input  logic                      clk_i,
  input  logic                      rst_i,

  input  logic [AddrWidth-1:0]      s_awaddr_i,
  input  logic                      s_awvalid_i,
  output logic                      s_awready_o,
  input  logic [31:0]               s_wdata_i,
  input  logic [3:0]                s_wstrb_i,
  input  logic                      s_wvalid_i,
  output logic                      s_wready_o,
  output logic [1:0]                s_bresp_o,
  output logic                      s_bvalid_o,
  input  logic                      s_bready_i,
  input  logic [AddrWidth-1:0]      s_araddr_i,
  input  logic                      s_arvalid_i,
  output logic                      s_arready_o,
  output logic [31:0]               s_rdata_o,
  output logic [1:0]                s_rresp_o,
  output logic                      s_rvalid_o,
  input  logic                      s_rready_i,

  output logic [NumArgs*32-1:0]     args_o,
  output logic                      counter_read_o,
  output logic [AddrWidth-3:0]      counter_o,
  input  logic [31:0]               counter_i,

  output logic                      ap_start_o,
  input  logic                      ap_done_i,
  input  logic                      ap_ready_i,
  input  logic                      ap_idle_i,
  output logic                      ap_continue_o,
  output logic                      interrupt_o
);
  localparam int unsigned WordBits = AddrWidth - 2;
  localparam bit [WordBits-1:0] WordCtrl = WordBits'('h000 / 4);
  localparam bit [WordBits-1:0] WordGie = WordBits'('h004 / 4);
  localparam bit [WordBits-1:0] WordIer = WordBits'('h008 / 4);
  localparam bit [WordBits-1:0] WordIsr = WordBits'('h00C / 4);
  localparam bit [WordBits-1:0] WordMagic = WordBits'('h800 / 4);
  localparam bit [WordBits-1:0] WordVersion = WordBits'('h804 / 4);
  localparam bit [WordBits-1:0] WordHashLow = WordBits'('h808 / 4);
  localparam bit [WordBits-1:0] WordHashHigh = WordBits'('h80C / 4);
  localparam bit [WordBits-1:0] WordNumCounters = WordBits'('h810 / 4);
  localparam bit [WordBits-1:0] WordCounters = WordBits'('h818 / 4);

  // One write and one read at a time: the address and the data wait here for each other.
  logic aw_full_q, w_full_q, ar_full_q;
  logic [WordBits-1:0] wr_word_q, rd_word_q;
  logic [31:0] wr_data_q, wr_mask_q;
  logic do_write, do_read, write_ctrl, read_ctrl, unused;

  logic done_q, done_held_q, ready_q, continue_q, auto_restart_q, gie_q;
  logic [1:0] ier_q, isr_q, isr_toggle;

  assign s_awready_o = !aw_full_q;
  assign s_wready_o = !w_full_q;
  assign s_arready_o = !ar_full_q;
  assign s_bresp_o = 2'b00;
  assign s_rresp_o = 2'b00;
  assign unused = ^{s_awaddr_i[1:0], s_araddr_i[1:0]};

  assign do_write = aw_full_q && w_full_q && (!s_bvalid_o || s_bready_i);
  assign do_read = ar_full_q && (!s_rvalid_o || s_rready_i);
  assign write_ctrl = do_write && wr_word_q == WordCtrl && wr_mask_q[0];
  assign read_ctrl = do_read && rd_word_q == WordCtrl;
  assign isr_toggle =
      (do_write && wr_mask_q[0] && wr_word_q == WordIsr) ? wr_data_q[1:0] : 2'b00;
  assign ap_continue_o = continue_q || auto_restart_q;
  assign counter_o = rd_word_q - WordCounters;
  assign counter_read_o = do_read && rd_word_q >= WordCounters &&
                          counter_o < WordBits'(2 * NumCounters);

  // Write and read channels.
  always_ff @(posedge clk_i) begin
    if (s_awvalid_i && s_awready_o) wr_word_q <= s_awaddr_i[AddrWidth-1:2];
    if (s_arvalid_i && s_arready_o) rd_word_q <= s_araddr_i[AddrWidth-1:2];
    if (s_wvalid_i && s_wready_o) begin
      wr_data_q <= s_wdata_i;
      wr_mask_q <= {{8{s_wstrb_i[3]}}, {8{s_wstrb_i[2]}}, {8{s_wstrb_i[1]}}, {8{s_wstrb_i[0]}}};
    end
  end

  always_ff @(posedge clk_i) begin
    aw_full_q <= aw_full_q ? !do_write : s_awvalid_i;
    w_full_q <= w_full_q ? !do_write : s_wvalid_i;
    ar_full_q <= ar_full_q ? !do_read : s_arvalid_i;
    if (do_write) s_bvalid_o <= 1'b1;
    else if (s_bready_i) s_bvalid_o <= 1'b0;
    if (do_read) s_rvalid_o <= 1'b1;
    else if (s_rready_i) s_rvalid_o <= 1'b0;
    if (rst_i) begin
      aw_full_q <= 1'b0;
      w_full_q <= 1'b0;
      ar_full_q <= 1'b0;
      s_bvalid_o <= 1'b0;
      s_rvalid_o <= 1'b0;
    end
  end

  // Block protocol and interrupts.
  always_ff @(posedge clk_i) begin
    if (write_ctrl && wr_data_q[0]) ap_start_o <= 1'b1;
    else if (ap_ready_i) ap_start_o <= auto_restart_q;
    continue_q <= write_ctrl && wr_data_q[4];
    if (write_ctrl) auto_restart_q <= wr_data_q[7];

    if (ap_done_i && !continue_q) done_q <= 1'b1;
    else if (continue_q || read_ctrl) done_q <= 1'b0;
    if (ap_ready_i) ready_q <= 1'b1;
    else if (read_ctrl) ready_q <= 1'b0;
    done_held_q <= ap_done_i && !ap_continue_o;

    if (do_write && wr_mask_q[0] && wr_word_q == WordGie) gie_q <= wr_data_q[0];
    if (do_write && wr_mask_q[0] && wr_word_q == WordIer) ier_q <= wr_data_q[1:0];
    if (do_write || ap_ready_i || ap_done_i)
      isr_q <= (isr_q ^ isr_toggle) | (ier_q & {ap_ready_i, ap_done_i && !done_held_q});
    interrupt_o <= gie_q && isr_q != '0;
    if (rst_i) begin
      ap_start_o <= 1'b0;
      continue_q <= 1'b0;
      auto_restart_q <= 1'b0;
      done_q <= 1'b0;
      done_held_q <= 1'b0;
      ready_q <= 1'b0;
      gie_q <= 1'b0;
      ier_q <= '0;
      isr_q <= '0;
      interrupt_o <= 1'b0;
    end
  end

  // Arguments.
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      args_o <= '0;
    end else if (do_write) begin
      for (int unsigned i = 0; i < NumArgs; i++) begin
        if (wr_word_q == ArgOffsets[i*AddrWidth+2 +: WordBits]) begin
          args_o[i*32 +: 32] <= (args_o[i*32 +: 32] & ~wr_mask_q) | (wr_data_q & wr_mask_q);
        end
      end
    end
  end

  // Read multiplexer.
  always_ff @(posedge clk_i) begin
    if (do_read) begin
      s_rdata_o <= '0;
      case (rd_word_q)
        WordCtrl: s_rdata_o <= {24'b0, auto_restart_q, 3'b0, ready_q, ap_idle_i && !ap_start_o,
                                done_q, ap_start_o};
        WordGie: s_rdata_o[0] <= gie_q;
        WordIer: s_rdata_o[1:0] <= ier_q;
        WordIsr: s_rdata_o[1:0] <= isr_q;
        WordMagic: s_rdata_o <= Magic;
        WordVersion: s_rdata_o <= Version;
        WordHashLow: s_rdata_o <= Hash[31:0];
        WordHashHigh: s_rdata_o <= Hash[63:32];
        WordNumCounters: s_rdata_o <= NumCounters;
        default: begin
          for (int unsigned i = 0; i < NumArgs; i++) begin
            if (rd_word_q == ArgOffsets[i*AddrWidth+2 +: WordBits]) begin
              s_rdata_o <= args_o[i*32 +: 32];
            end
          end
          if (counter_read_o) s_rdata_o <= counter_i;
        end
      endcase
    end
  end

`ifdef FORMAL_NG_AXIL_CONTROL
`include "formal/ng_axil_control.svh"
`endif
endmodule
