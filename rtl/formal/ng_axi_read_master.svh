// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Proof of ng_axi_read_master, for Outstanding = 2: AR holds until taken; bursts stay within 4 KiB;
// no more than Outstanding bursts are in flight; whatever has been issued fits in the buffer; error_o
// pulses for exactly the beats with an error.
// The memory is assumed to answer only what was asked, in order, with RLAST in its place.
// What a submodule promises (FORMAL_COMPOSE) is asserted in the bounded proof and assumed in the
// induction, where its own proof stands for it.
`ifdef FORMAL_INDUCTION
`define FORMAL_COMPOSE(condition) assume (condition)
`else
`define FORMAL_COMPOSE(condition) assert (condition)
`endif
logic f_past = 1'b0;
always_ff @(posedge clk_i) f_past <= 1'b1;
always_comb if (!f_past) assume (rst_i);

// Bursts that the memory has accepted: beats to come of the oldest, and of the one after it.
logic [1:0] f_bursts;
logic [LenWidth-1:0] f_left0, f_left1;
logic [RoomWidth:0] f_buffered;
wire f_accept = m_arvalid_o && m_arready_i;
wire [LenWidth-1:0] f_ar_beats = LenWidth'(m_arlen_o) + 1'b1;
wire [1:0] f_kept = f_bursts - 2'(burst_done);

always_ff @(posedge clk_i) begin
  if (rst_i) begin
    f_bursts <= '0;
    f_buffered <= '0;
  end else begin
    f_bursts <= f_kept + 2'(f_accept);
    if (burst_done) f_left0 <= f_left1;
    else if (beat_o) f_left0 <= f_left0 - 1'b1;
    if (f_accept && f_kept == 2'd0) f_left0 <= f_ar_beats;
    if (f_accept && f_kept == 2'd1) f_left1 <= f_ar_beats;
    f_buffered <= f_buffered + (RoomWidth + 1)'(beat_o) - (RoomWidth + 1)'(data_fire);
  end
end

always_comb begin
  if (m_rvalid_i) assume (f_bursts != '0);
  assume (m_rlast_i == (f_left0 == LenWidth'(1)));
end

// Beats that have been issued and have not come yet.
wire [RoomWidth:0] f_owed = (f_bursts > 2'd0 ? (RoomWidth + 1)'(f_left0) : '0) +
                            (f_bursts > 2'd1 ? (RoomWidth + 1)'(f_left1) : '0) +
                            (m_arvalid_o ? (RoomWidth + 1)'(f_ar_beats) : '0);
wire [12:0] f_end = {1'b0, m_araddr_o[11:0]} + 13'(f_ar_beats) * 13'(DataWidth / 8);

always_ff @(posedge clk_i) begin
  if (f_past && !rst_i && !$past(rst_i)) begin
    if ($past(m_arvalid_o && !m_arready_i)) begin
      assert (m_arvalid_o);
      assert ($stable({m_araddr_o, m_arlen_o}));
    end
    assert (m_rready_o);
  end
  if (f_past && !rst_i) begin
    assert (error_o == (m_rvalid_i && m_rready_o && (m_rresp_i[1] || m_rresp_i[0])));
    assert (f_bursts + 2'(m_arvalid_o) == 2'(flight_q));
    assert (flight_q <= FlightWidth'(Outstanding));
    assert (f_bursts <= 2'd2);
    assert (f_bursts < 2'd1 || (f_left0 != '0 && f_left0 <= LenWidth'(BurstBeats)));
    assert (f_bursts < 2'd2 || (f_left1 != '0 && f_left1 <= LenWidth'(BurstBeats)));
    assert ((RoomWidth + 1)'(room_q) + f_owed + f_buffered == (RoomWidth + 1)'(BufferBeats));
    assert (room_q <= RoomWidth'(BufferBeats));
    assert (f_buffered <= (RoomWidth + 1)'(BufferBeats));
    if (m_arvalid_o) begin
      assert (m_arlen_o < 8'(BurstBeats));
      assert (f_end <= 13'd4096);
    end
    `FORMAL_COMPOSE(!data_empty_no || f_buffered != '0);
    `FORMAL_COMPOSE(buffer_room || f_buffered >= (RoomWidth + 1)'(BufferBeats));
    if (beat_o) assert (buffer_room);
    cover (f_bursts == 2'd2 && error_o);
  end
end
