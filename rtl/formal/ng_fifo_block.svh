// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Proof of ng_fifo_block: order, no loss, no overflow, the output holds until taken, and a word is
// visible two cycles after it was written. One arbitrary word is followed as in ng_fifo_shallow.
logic f_past = 1'b0;
always_ff @(posedge clk_i) f_past <= 1'b1;
always_comb if (!f_past) assume (rst_i);

localparam int unsigned FormalWidth = $clog2(Depth + 1) + 2;
(* anyconst *) logic [Width-1:0] f_word;
(* anyseq *) logic f_choose;
logic f_tracked;
logic [FormalWidth-1:0] f_ahead, f_end, f_place;
wire push = wr_en_i && full_no;
wire pop = rd_en_i && empty_no;

always_comb begin
  f_end = FormalWidth'(rd_ptr_q) + FormalWidth'(count_q);
  if (f_end >= FormalWidth'(Depth)) f_end = f_end - FormalWidth'(Depth);
  f_place = FormalWidth'(rd_ptr_q) + f_ahead;
  if (f_place >= FormalWidth'(Depth)) f_place = f_place - FormalWidth'(Depth);
end

always_ff @(posedge clk_i) begin
  if (rst_i) begin
    f_ahead <= '0;
    f_tracked <= 1'b0;
  end else begin
    if (!f_tracked && push && f_choose && wr_data_i == f_word) begin
      f_tracked <= 1'b1;
      f_ahead <= FormalWidth'(count_q) - FormalWidth'(pop);
    end else if (f_tracked && pop) begin
      if (f_ahead == '0) f_tracked <= 1'b0;
      else f_ahead <= f_ahead - 1'b1;
    end
  end

  if (f_past && !rst_i && !$past(rst_i)) begin
    if ($past(empty_no && !rd_en_i)) begin
      assert (empty_no);
      assert ($stable(rd_data_o));
    end
    if ($past(count_q != '0) && !$past(pop)) assert (empty_no);
  end
  if (f_past && !rst_i) begin
    assert (count_q <= CountWidth'(Depth));
    assert (count_q < CountWidth'(Depth) ? full_no : !full_no);
    assert (rd_ptr_q <= LastPlace);
    assert (wr_ptr_q <= LastPlace);
    assert (FormalWidth'(wr_ptr_q) == f_end);
    if (empty_no) begin
      assert (count_q != '0);
      assert (rd_data_o == mem[rd_ptr_q]);
    end
    if (f_tracked) begin
      assert (f_ahead < FormalWidth'(count_q));
      assert (mem[f_place[PtrWidth-1:0]] == f_word);
    end
    cover (f_tracked && !full_no);
  end
end
