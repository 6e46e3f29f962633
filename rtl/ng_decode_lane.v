// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_decode_lane: one element on its way into the array, combinational (hls/formats/formats.hpp).
//
//   element_i         code of the element (ElementCode)
//   is_float_i, is_nibble_i   the class of the product; neither: kByte
//   code_i            the element's code, in the low bits
//   next_i            kNibble: the code of the next step of k
//   zero_i            kByte: zero-point, subtracted; 0 where the format has none
//   lane_o            kByte: a signed integer in bits 0…7. kNibble: two, the next step's in 8…15.
//                     kFloat: signed significand in bits 0…9, exponent in 10…15; exponent 63 is NaN
//                     (significand 0) or infinity (±1). Units of 2^lsb throughout.
//   COMPACT           1: kFloat in another form, for packed DSPs, which take no E5M2: {NaN in bit 15,
//                     exponent in 8…5, signed significand in 4…0}, or instead of the last two a byte in
//                     bits 0…7 when the element is not E3M2 or E4M3 (ng_dsp_widen)
module ng_decode_lane #(
  parameter COMPACT = 0
) (
  input  wire [3:0]  element_i,
  input  wire        is_float_i,
  input  wire        is_nibble_i,
  input  wire [7:0]  code_i,
  input  wire [3:0]  next_i,
  input  wire [7:0]  zero_i,
  output reg  [15:0] lane_o
);
  localparam [3:0] UINT8 = 4'd1, UINT4 = 4'd3, E2M1 = 4'd4, E2M3 = 4'd5, E3M2 = 4'd6, E4M3 = 4'd7,
                   E5M2 = 4'd8;

  // A 4-bit code: INT4, UINT4 − 8, E2M1 in halves.
  function [7:0] nibble(input [3:0] code, input [3:0] element);
    reg [3:0] integer4, magnitude;
    begin
      integer4 = code ^ {element == UINT4, 3'b000};
      case (code[2:1])
        2'd0: magnitude = {3'd0, code[0]};
        2'd1: magnitude = {2'd0, 1'b1, code[0]};
        2'd2: magnitude = {1'b0, 1'b1, code[0], 1'b0};
        default: magnitude = {1'b1, code[0], 2'b00};
      endcase
      if (element == E2M1) nibble = code[3] ? 8'd0 - {4'd0, magnitude} : {4'd0, magnitude};
      else nibble = {{4{integer4[3]}}, integer4};
    end
  endfunction

  // An E2M3 code in eighths.
  function [7:0] e2m3(input [5:0] code);
    reg [5:0] magnitude;
    begin
      case (code[4:3])
        2'd0: magnitude = {3'd0, code[2:0]};
        2'd1: magnitude = {2'd0, 1'b1, code[2:0]};
        2'd2: magnitude = {1'b0, 1'b1, code[2:0], 1'b0};
        default: magnitude = {1'b1, code[2:0], 2'b00};
      endcase
      e2m3 = code[5] ? 8'd0 - {2'd0, magnitude} : {2'd0, magnitude};
    end
  endfunction

  wire is_four = (element_i >= 4'd2) && (element_i <= E2M1);
  wire [7:0] value = is_four ? nibble(code_i[3:0], element_i) :
                     (element_i == E2M3) ? e2m3(code_i[5:0]) :
                     code_i ^ {element_i == UINT8, 7'd0};

  // E4M3 or E3M2, compact. (A NaN's significand is not 0: its bit decides.)
  wire       e4m3 = element_i[0];
  wire [3:0] field = e4m3 ? code_i[6:3] : {1'b0, code_i[4:2]};
  wire       normal = (field != 4'd0);
  wire [4:0] size = e4m3 ? {1'b0, normal, code_i[2:0]} : {2'd0, normal, code_i[1:0]};
  wire [8:0] compact = {field - {3'd0, normal}, (e4m3 ? code_i[7] : code_i[5]) ? 5'd0 - size : size};

  reg       negative, nan, infinite;
  reg [4:0] exponent;
  reg [2:0] mantissa;
  reg [3:0] hidden, magnitude;
  reg [9:0] significand;
  reg [5:0] place;
  always @* begin
    case (element_i)
      E4M3: begin
        {negative, exponent, mantissa} = {code_i[7], 1'b0, code_i[6:0]};
        hidden = 4'd8;
      end
      E5M2: begin
        {negative, exponent, mantissa} = {code_i[7:2], 1'b0, code_i[1:0]};
        hidden = 4'd4;
      end
      default: begin  // E3M2
        {negative, exponent, mantissa} = {code_i[5], 2'b00, code_i[4:2], 1'b0, code_i[1:0]};
        hidden = 4'd4;
      end
    endcase
    nan = (element_i == E4M3 && code_i[6:0] == 7'h7F) ||
          (element_i == E5M2 && exponent == 5'd31 && mantissa != 3'd0);
    infinite = (element_i == E5M2 && exponent == 5'd31 && mantissa == 3'd0);
    magnitude = nan ? 4'd0 : infinite ? 4'd1 :
                (exponent != 5'd0) ? hidden + {1'b0, mantissa} : {1'b0, mantissa};
    significand = negative ? 10'd0 - {6'd0, magnitude} : {6'd0, magnitude};
    place = (nan || infinite) ? 6'd63 : (exponent != 5'd0) ? {1'b0, exponent} - 6'd1 : 6'd0;

    if (COMPACT != 0 && is_float_i && element_i >= E3M2) lane_o = {e4m3 && code_i[6:0] == 7'h7F, 6'd0, compact};
    else if (is_nibble_i) lane_o = {nibble(next_i, element_i), value};
    else if (!is_float_i || COMPACT != 0) lane_o = {8'd0, value - zero_i};
    else if (element_i < E3M2) lane_o = {6'd0, {2{value[7]}}, value};
    else lane_o = {place, significand};
  end
endmodule
