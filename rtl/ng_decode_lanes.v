// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_decode_lanes: codes to COUNT lanes (ng_decode_lane), combinational but for the zero-points, which
// are kept from the first word of a block on.
//
//   load_i, first_i   codes_i are taken; they are the first ones of a block, and zeros_i are its zero-points
//   codes_i           as ng_cut_codes gives them
//   COMPACT           ng_decode_lane
module ng_decode_lanes #(
  parameter COUNT = 32,
  parameter COMPACT = 0
) (
  input  wire                clk_i,
  input  wire                load_i,
  input  wire                first_i,
  input  wire [11:0]         format_i,
  input  wire                is_float_i,
  input  wire                is_nibble_i,
  input  wire [12*COUNT-1:0] codes_i,
  input  wire [8*COUNT-1:0]  zeros_i,
  output wire [16*COUNT-1:0] lanes_o
);
  wire has_zeros = (format_i[11:8] == 4'd4);
  reg  [8*COUNT-1:0] kept;
  wire [8*COUNT-1:0] zeros = !has_zeros ? {8*COUNT{1'b0}} : first_i ? zeros_i : kept;
  always @(posedge clk_i) if (load_i && first_i) kept <= zeros_i;

  genvar i;
  generate
    for (i = 0; i < COUNT; i = i + 1) begin : gen_lane
      ng_decode_lane #(.COMPACT(COMPACT)) lane (
        .element_i(format_i[3:0]), .is_float_i(is_float_i), .is_nibble_i(is_nibble_i),
        .code_i(codes_i[12*i +: 8]), .next_i(codes_i[12*i+8 +: 4]), .zero_i(zeros[8*i +: 8]),
        .lane_o(lanes_o[16*i +: 16])
      );
    end
  endgenerate

  wire unused = ^format_i[7:4];
endmodule
