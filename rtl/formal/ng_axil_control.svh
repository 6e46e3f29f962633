// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Proof of ng_axil_control: B and R hold until taken; each write is answered once, after its
// address and its data; each read is answered once; ap_continue is one pulse for each written 1;
// ap_start holds until ap_ready.
logic f_past = 1'b0;
always_ff @(posedge clk_i) f_past <= 1'b1;
always_comb if (!f_past) assume (rst_i);

// Accepted and not yet answered.
logic [1:0] f_aw, f_w, f_ar;
wire f_b = s_bvalid_o && s_bready_i;
wire f_r = s_rvalid_o && s_rready_i;

always_ff @(posedge clk_i) begin
  if (rst_i) begin
    f_aw <= '0;
    f_w <= '0;
    f_ar <= '0;
  end else begin
    f_aw <= f_aw + 2'(s_awvalid_i && s_awready_o) - 2'(f_b);
    f_w <= f_w + 2'(s_wvalid_i && s_wready_o) - 2'(f_b);
    f_ar <= f_ar + 2'(s_arvalid_i && s_arready_o) - 2'(f_r);
  end

  if (f_past && !rst_i && !$past(rst_i)) begin
    if ($past(s_bvalid_o && !s_bready_i)) assert (s_bvalid_o);
    if ($past(s_rvalid_o && !s_rready_i)) begin
      assert (s_rvalid_o);
      assert ($stable(s_rdata_o));
    end
    if ($past(ap_start_o && !ap_ready_i)) assert (ap_start_o);
    if ($past(continue_q)) assert (!continue_q);
  end
  if (f_past && !rst_i) begin
    assert (s_bresp_o == 2'b00 && s_rresp_o == 2'b00);
    assert (f_aw == 2'(aw_full_q) + 2'(s_bvalid_o));
    assert (f_w == 2'(w_full_q) + 2'(s_bvalid_o));
    assert (f_ar == 2'(ar_full_q) + 2'(s_rvalid_o));
    if (s_bvalid_o) assert (f_aw != '0 && f_w != '0);
    if (s_rvalid_o) assert (f_ar != '0);
    cover (f_b && f_aw == 2'd2);
  end
end
