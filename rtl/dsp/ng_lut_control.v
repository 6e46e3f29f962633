// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_lut_control: when the tables of the LUT rows are written and which half of them is read. The same for all
// rows and columns.
//
// A table has the multiples of one operand of a row: 0 to 8 times it and 12 times, all that a nibble's magnitude
// can ask for. They are written in ten cycles from the one after load_i on, into the half that is not read.
//
//   load_i, take_i   one bit for each place, low where ce_i is: a window's operands come, a window's pass begins
//                    (ng_dsp_pair). A place's next load_i comes with the take_i of the window before, or later
//   write_o       one bit for each place, low where ce_i is: the multiple is written at write_at_o
//   write_at_o    5 bits a place: {half, multiple}
//   eight_o       the multiple is 8; 12 comes next
//   read_half_o   with the place's operands of ng_lut_columns: the half of that pass's window
//
// Invariants: a half's pass reads it for the last time in the cycle in which 1 times the operand after the next
// one is written to it, at the earliest; what is read is what was there. 0 times an operand is always 0.
module ng_lut_control (
  input  wire        clk_i,
  input  wire        ce_i,
  input  wire [15:0] load_i,
  input  wire [15:0] take_i,
  output wire [15:0] write_o,
  output wire [79:0] write_at_o,
  output wire [15:0] eight_o,
  output wire [15:0] read_half_o
);
  genvar p;
  generate
    for (p = 0; p < 16; p = p + 1) begin : gen_place
      reg       writing, half, read_half1, read_half2, read_half3;
      reg [3:0] multiple;
      wire      eight = (multiple == 4'd8);
      always @(posedge clk_i) begin
        if (load_i[p]) begin
          {writing, half, multiple} <= {1'b1, !half, 4'd0};
        end else if (ce_i && writing) begin
          writing <= (multiple != 4'd12);
          multiple <= eight ? 4'd12 : multiple + 4'd1;
        end
        if (take_i[p]) read_half1 <= half;
        if (ce_i) {read_half3, read_half2} <= {read_half2, read_half1};
      end
      assign write_o[p] = writing && ce_i;
      assign write_at_o[5*p +: 5] = {half, multiple};
      assign eight_o[p] = eight;
      assign read_half_o[p] = read_half3;
    end
  endgenerate
endmodule
