// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Proof of ng_skid: words leave in order, none is lost or doubled, the output holds until taken.
// One arbitrary word is followed from input to output: f_ahead words leave before it.
logic f_past = 1'b0;
always_ff @(posedge clk_i) f_past <= 1'b1;
always_comb if (!f_past) assume (rst_i);

(* anyconst *) logic [Width-1:0] f_word;
(* anyseq *) logic f_choose;
logic f_tracked;
logic [1:0] f_count, f_ahead;
wire f_in = in_valid_i && in_ready_o;
wire f_out = out_valid_o && out_ready_i;

always_ff @(posedge clk_i) begin
  if (rst_i) begin
    f_count <= '0;
    f_ahead <= '0;
    f_tracked <= 1'b0;
  end else begin
    f_count <= f_count + 2'(f_in) - 2'(f_out);
    if (!f_tracked && f_in && f_choose && in_data_i == f_word) begin
      f_tracked <= 1'b1;
      f_ahead <= f_count - 2'(f_out);
    end else if (f_tracked && f_out) begin
      if (f_ahead == '0) f_tracked <= 1'b0;
      else f_ahead <= f_ahead - 2'd1;
    end
  end

  if (f_past && !rst_i && !$past(rst_i) && $past(out_valid_o && !out_ready_i)) begin
    assert (out_valid_o);
    assert ($stable(out_data_o));
  end
  if (f_past && !rst_i) begin
    assert (f_count == 2'(out_valid_o) + 2'(side_full_q));
    assert (!side_full_q || out_valid_o);
    assert (in_ready_o == (f_count != 2'd2));
    if (f_tracked) begin
      assert (f_ahead < f_count);
      assert ((f_ahead == '0 ? out_data_o : side_q) == f_word);
    end
    cover (f_tracked && side_full_q && out_ready_i);
  end
end
