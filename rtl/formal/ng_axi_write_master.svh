// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Proof of ng_axi_write_master, for Outstanding = 2: AW and W hold until taken; bursts stay within
// 4 KiB; WLAST marks exactly the last beat of each burst, in the order of the addresses; no more
// than Outstanding bursts are in flight; an address is issued only when all its data are there;
// error_o pulses for exactly the responses with an error.
// The memory is assumed to acknowledge only what it has got. FORMAL_COMPOSE: as in the read master.
`ifdef FORMAL_INDUCTION
`define FORMAL_COMPOSE(condition) assume (condition)
`else
`define FORMAL_COMPOSE(condition) assert (condition)
`endif
logic f_past = 1'b0;
always_ff @(posedge clk_i) f_past <= 1'b1;
always_comb if (!f_past) assume (rst_i);

// Bursts issued: beats that the W channel still has to carry, of the oldest and of the next one.
logic [1:0] f_bursts;
logic [LenWidth-1:0] f_left0, f_left1;
// The lengths among them that the W channel has not begun with: contents of u_lengths.
logic [1:0] f_waiting;
logic [LenWidth-1:0] f_len0, f_len1;
// Bursts whose data, and whose address, the memory has got and not acknowledged; beats in u_buffer.
logic [1:0] f_data_done, f_addr_done;
logic [CountWidth:0] f_buffered;

wire f_beat = m_wvalid_o && m_wready_i;
wire f_burst_end = f_beat && f_left0 == LenWidth'(1);
wire [1:0] f_kept = f_bursts - 2'(f_burst_end);
wire [1:0] f_still = f_waiting - 2'(next_take);

always_ff @(posedge clk_i) begin
  if (rst_i) begin
    f_bursts <= '0;
    f_waiting <= '0;
    f_data_done <= '0;
    f_addr_done <= '0;
    f_buffered <= '0;
  end else begin
    f_bursts <= f_kept + 2'(issue);
    if (f_burst_end) f_left0 <= f_left1;
    else if (f_beat) f_left0 <= f_left0 - 1'b1;
    if (issue && f_kept == 2'd0) f_left0 <= burst_len;
    if (issue && f_kept == 2'd1) f_left1 <= burst_len;

    f_waiting <= f_still + 2'(issue);
    if (next_take) f_len0 <= f_len1;
    if (issue && f_still == 2'd0) f_len0 <= burst_len;
    if (issue && f_still == 2'd1) f_len1 <= burst_len;

    f_data_done <= f_data_done + 2'(f_burst_end) - 2'(ack);
    f_addr_done <= f_addr_done + 2'(m_awvalid_o && m_awready_i) - 2'(ack);
    f_buffered <= f_buffered + (CountWidth + 1)'(data_write_i && data_full_no) -
                  (CountWidth + 1)'(load);
  end
end

always_comb if (m_bvalid_i) assume (f_data_done != '0 && f_addr_done != '0);

wire [CountWidth:0] f_owed = (f_bursts > 2'd0 ? (CountWidth + 1)'(f_left0) : '0) +
                             (f_bursts > 2'd1 ? (CountWidth + 1)'(f_left1) : '0);
wire [LenWidth-1:0] f_aw_beats = LenWidth'(m_awlen_o) + 1'b1;
wire [12:0] f_end = {1'b0, m_awaddr_o[11:0]} + 13'(f_aw_beats) * 13'(DataWidth / 8);
wire f_last_out = m_wvalid_o && m_wlast_o;  // the W register holds the end of the oldest burst
wire f_begun = left_q != '0;                // a burst has beats to be put in the W register

always_ff @(posedge clk_i) begin
  if (f_past && !rst_i && !$past(rst_i)) begin
    if ($past(m_awvalid_o && !m_awready_i)) begin
      assert (m_awvalid_o);
      assert ($stable({m_awaddr_o, m_awlen_o}));
    end
    if ($past(m_wvalid_o && !m_wready_i)) begin
      assert (m_wvalid_o);
      assert ($stable({m_wdata_o, m_wlast_o}));
    end
    assert (m_bready_o);
  end
  if (f_past && !rst_i) begin
    if (m_wvalid_o) begin
      assert (f_bursts != '0);
      assert (m_wlast_o == (f_left0 == LenWidth'(1)));
    end
    if (m_awvalid_o) begin
      assert (m_awlen_o < 8'(BurstBeats));
      assert (f_end <= 13'd4096);
    end
    assert (error_o == (m_bvalid_i && m_bready_o && (m_bresp_i[1] || m_bresp_i[0])));
    assert (2'(flight_q) == f_data_done + f_bursts);
    assert (2'(flight_q) == f_addr_done + 2'(m_awvalid_o));
    assert (flight_q <= FlightWidth'(Outstanding));
    assert (f_bursts <= 2'd2);
    assert (f_data_done <= 2'(flight_q) && f_addr_done <= 2'(flight_q));
    assert (f_bursts < 2'd1 || (f_left0 != '0 && f_left0 <= LenWidth'(BurstBeats)));
    assert (f_bursts < 2'd2 || (f_left1 != '0 && f_left1 <= LenWidth'(BurstBeats)));
    assert (unclaimed_q <= CountWidth'(BufferBeats));
    assert (f_buffered + (CountWidth + 1)'(m_wvalid_o) ==
            (CountWidth + 1)'(unclaimed_q) + f_owed);

    // How the W channel's registers and the queue of lengths make up the bursts above.
    assert (f_waiting <= f_bursts);
    assert (f_bursts == 2'(f_last_out) + 2'(f_begun) + f_waiting);
    assert (!(m_wvalid_o && !m_wlast_o) || f_begun);
    if (f_last_out) begin
      if (f_bursts == 2'd2) assert (f_left1 == (f_begun ? left_q : f_len0));
    end else if (f_begun) begin
      assert (f_left0 == left_q + LenWidth'(m_wvalid_o));
      if (f_bursts == 2'd2) assert (f_left1 == f_len0);
    end else begin
      if (f_bursts >= 2'd1) assert (f_left0 == f_len0);
      if (f_bursts == 2'd2) assert (f_left1 == f_len1);
    end

    `FORMAL_COMPOSE(!next_valid || (f_waiting != '0 && next_len == f_len0));
    `FORMAL_COMPOSE(!beat_valid || f_buffered != '0);
    `FORMAL_COMPOSE(!data_full_no || f_buffered < (CountWidth + 1)'(BufferBeats));
    `FORMAL_COMPOSE(f_buffered <= (CountWidth + 1)'(BufferBeats));
    cover (f_bursts == 2'd2 && f_last_out && m_wready_i);
  end
end
