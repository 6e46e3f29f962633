// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Proof of ng_burst_split: the bursts of a request are contiguous, begin at its first beat, add up
// to its beats, and stay within a block of BurstBeats beats (so within 4 KiB); the output holds
// until taken.
logic f_past = 1'b0;
always_ff @(posedge clk_i) f_past <= 1'b1;
always_comb if (!f_past) assume (rst_i);

logic [31:0] f_beats, f_sent;
logic [BeatBits-1:0] f_first;
wire [BeatBits-1:0] f_offset = BeatBits'(f_sent);
wire [BeatBits-1:0] f_here = f_first + f_offset;
wire [LenWidth:0] f_burst_end = {2'b0, burst_addr_o[ByteBits +: LowBits]} + {1'b0, burst_len_o};

always_ff @(posedge clk_i) begin
  if (take) begin
    f_beats <= request[95:64];
    f_first <= base_i[AddrWidth-1:ByteBits] + BeatBits'(request[63:0]);
    f_sent <= '0;
  end else if (emit) begin
    f_sent <= f_sent + 32'(len);
  end

  if (f_past && !rst_i && !$past(rst_i) && $past(burst_valid_o && !burst_ready_i)) begin
    assert (burst_valid_o);
    assert ($stable({burst_addr_o, burst_len_o, burst_last_o}));
  end
  if (f_past && !rst_i) begin
    if (active_q) begin
      assert (f_sent + left_q == f_beats);
      assert (left_q <= f_beats);
      assert (beat_q == f_here);
      assert (f_sent == '0 || beat_q[LowBits-1:0] == '0);
      assert (f_sent == '0 || left_q != '0);
      if (emit && is_last) assert (f_sent + 32'(len) == f_beats);
    end
    if (burst_valid_o) begin
      assert (burst_len_o <= LenWidth'(BurstBeats));
      assert (burst_len_o != '0 || burst_last_o);
      assert (f_burst_end <= (LenWidth + 1)'(BurstBeats));
      assert (burst_addr_o[ByteBits-1:0] == '0);
    end
    cover (burst_valid_o && !burst_last_o && f_sent != '0);
  end
end
