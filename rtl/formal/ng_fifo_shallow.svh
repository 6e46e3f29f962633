// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Proof of ng_fifo_shallow: order, no loss, no overflow, and the output holds until taken. One
// arbitrary word is followed: f_ahead words leave before it.
logic f_past = 1'b0;
always_ff @(posedge clk_i) f_past <= 1'b1;
always_comb if (!f_past) assume (rst_i);

localparam int unsigned FormalWidth = $clog2(Depth + 2) + 1;
(* anyconst *) logic [Width-1:0] f_word;
(* anyseq *) logic f_choose;
logic f_tracked;
logic [FormalWidth-1:0] f_count, f_ahead, f_end, f_place;
wire f_in = wr_en_i && full_no;
wire f_out = rd_en_i && empty_no;

// Where the ring ends, and where the followed word is in it.
always_comb begin
  f_end = FormalWidth'(rd_ptr_q) + FormalWidth'(count_q);
  if (f_end >= FormalWidth'(Places)) f_end = f_end - FormalWidth'(Places);
  f_place = FormalWidth'(rd_ptr_q) + f_ahead - 1'b1;
  if (f_place >= FormalWidth'(Places)) f_place = f_place - FormalWidth'(Places);
end

always_ff @(posedge clk_i) begin
  if (rst_i) begin
    f_count <= '0;
    f_ahead <= '0;
    f_tracked <= 1'b0;
  end else begin
    f_count <= f_count + FormalWidth'(f_in) - FormalWidth'(f_out);
    if (!f_tracked && f_in && f_choose && wr_data_i == f_word) begin
      f_tracked <= 1'b1;
      f_ahead <= f_count - FormalWidth'(f_out);
    end else if (f_tracked && f_out) begin
      if (f_ahead == '0) f_tracked <= 1'b0;
      else f_ahead <= f_ahead - 1'b1;
    end
  end

  if (f_past && !rst_i && !$past(rst_i) && $past(empty_no && !rd_en_i)) begin
    assert (empty_no);
    assert ($stable(rd_data_o));
  end
  if (f_past && !rst_i) begin
    assert (f_count == FormalWidth'(count_q) + FormalWidth'(empty_no));
    assert (empty_no == (f_count != '0));
    assert (f_count < FormalWidth'(Depth) ? full_no : 1'b1);
    assert (count_q <= CountWidth'(Places));
    assert (rd_ptr_q <= LastPlace);
    assert (wr_ptr_q <= LastPlace);
    assert (FormalWidth'(wr_ptr_q) == f_end);
    if (f_tracked) begin
      assert (f_ahead < f_count);
      assert ((f_ahead == '0 ? rd_data_o : store[f_place[PtrWidth-1:0]]) == f_word);
    end
    cover (f_tracked && !full_no);
  end
end
