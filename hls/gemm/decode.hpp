// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Unpacks beats into steps of k and decodes their codes to the array's lanes of 16 bits
// (docs/seams.md, section 11). Each class of product has a loop of its own.
#pragma once

#include "blocks.hpp"
#include "config.hpp"

namespace gemm_config {

// One lane: an 8-bit integer, two of them, or {exponent, significand}.
constexpr int kLaneBits = 16;
template <int kPanelLanes>
using Lanes = ap_uint<kLaneBits * kPanelLanes>;

constexpr int kSpecialExponent = 63;  // NaN (significand 0) or infinity (±1)

// Where a panel's walk is: words of lanes left in the block, blocks left in the panel.
struct BlockWalk {
  Word full_words, tail_words, blocks;
  Word words_left, blocks_left;
  BlockWalk(Word full, Word tail, Word num_blocks)
      : full_words(full),
        tail_words(tail),
        blocks(num_blocks),
        words_left(num_blocks == 1 ? tail : full),
        blocks_left(num_blocks) {}
  bool BlockEnds() const { return words_left == 1; }
  void Next() {
    const bool panel_end = blocks_left == 1;
    const bool to_last = panel_end ? blocks == 1 : blocks_left == 2;
    const bool block_end = BlockEnds();
    words_left = block_end ? (to_last ? tail_words : full_words) : Word(words_left - 1);
    if (block_end) blocks_left = panel_end ? blocks : Word(blocks_left - 1);
  }
};

// Cuts beats into groups of steps whose width is a multiple of 2 bits a lane. A block begins with a
// fresh beat; what is left of the last one is dropped.
template <int kPanelLanes>
struct Cutter {
  static constexpr int kUnit = 2 * kPanelLanes;  // bits
  static constexpr int kUnits = kPortBits / kUnit;
  ap_uint<kPortBits + 3 * kUnit> rest;  // what has been read and not used, lowest first
  ap_uint<8> have;                      // units in it; 0, 1 or 2 when a beat is added
  Cutter() : rest(0), have(0) {}
  bool NeedsBeat(ap_uint<4> wanted) const { return have < wanted; }
  void Add(Beat beat) {
    const ap_uint<kPortBits + 3 * kUnit> wide = beat;
    rest |= have == 0   ? wide
            : have == 1 ? ap_uint<kPortBits + 3 * kUnit>(wide << kUnit)
                        : ap_uint<kPortBits + 3 * kUnit>(wide << (2 * kUnit));
    have += kUnits;
  }
  void Take(ap_uint<4> wanted, bool drop_rest) {
    rest = drop_rest     ? ap_uint<kPortBits + 3 * kUnit>(0)
           : wanted == 4 ? ap_uint<kPortBits + 3 * kUnit>(rest >> (4 * kUnit))
           : wanted == 3 ? ap_uint<kPortBits + 3 * kUnit>(rest >> (3 * kUnit))
                         : ap_uint<kPortBits + 3 * kUnit>(rest >> (2 * kUnit));
    have = drop_rest ? ap_uint<8>(0) : ap_uint<8>(have - wanted);
  }
};

// A 4-bit code as an integer: INT4, UINT4 − 8, E2M1 in halves.
inline ap_int<8> DecodeNibble(ap_uint<4> code, ap_uint<8> element) {
  const ap_uint<4> signed4 = code ^ ap_uint<4>(element == ng_formats::kUint4 ? 0x8 : 0);
  const ap_uint<2> exponent = code.range(2, 1);
  const ap_uint<4> significand = ap_uint<4>((exponent != 0 ? 2 : 0) + ap_uint<1>(code[0]));
  const ap_uint<4> magnitude = exponent < 2    ? significand
                               : exponent == 2 ? ap_uint<4>(significand << 1)
                                               : ap_uint<4>(significand << 2);
  const ap_int<8> fp4 = code[3] ? ap_int<8>(-ap_int<8>(magnitude)) : ap_int<8>(magnitude);
  return element == ng_formats::kE2m1 ? fp4 : ap_int<8>(ap_int<4>(signed4));
}

// An E2M3 code as an integer in eighths.
inline ap_int<8> DecodeE2m3(ap_uint<6> code) {
  const ap_uint<2> exponent = code.range(4, 3);
  ap_uint<6> significand = code.range(2, 0);
  significand[3] = exponent != 0;
  const ap_uint<6> magnitude = exponent < 2    ? significand
                               : exponent == 2 ? ap_uint<6>(significand << 1)
                                               : ap_uint<6>(significand << 2);
  return code[5] ? ap_int<8>(-ap_int<8>(magnitude)) : ap_int<8>(magnitude);
}

// Any code of a kFloat product as {exponent, significand}. Integers and E2M1, E2M3 have exponent 0.
inline ap_uint<16> DecodeFloat(ap_uint<8> code, ap_uint<8> element) {
  const bool e4m3 = element == ng_formats::kE4m3;
  const bool e5m2 = element == ng_formats::kE5m2;
  const bool has_fields = e4m3 || e5m2 || element == ng_formats::kE3m2;
  const bool negative = element == ng_formats::kE3m2 ? code[5] : code[7];
  const ap_uint<5> exponent = e4m3   ? ap_uint<5>(code.range(6, 3))
                              : e5m2 ? ap_uint<5>(code.range(6, 2))
                                     : ap_uint<5>(code.range(4, 2));
  const ap_uint<3> mantissa =
      e4m3 ? ap_uint<3>(code.range(2, 0)) : ap_uint<3>(ap_uint<2>(code.range(1, 0)));
  const bool normal = exponent != 0;
  const ap_uint<4> hidden = !normal ? ap_uint<4>(0) : e4m3 ? ap_uint<4>(8) : ap_uint<4>(4);
  const bool e5m2_top = e5m2 && exponent == 31;
  const bool nan = (e4m3 && code.range(6, 0) == ap_uint<7>(0x7F)) || (e5m2_top && mantissa != 0);
  const bool infinite = e5m2_top && mantissa == 0;
  const ap_uint<4> finite = hidden + mantissa;
  const ap_uint<4> magnitude = nan ? ap_uint<4>(0) : infinite ? ap_uint<4>(1) : finite;
  const ap_uint<6> place = normal ? ap_uint<6>(exponent - 1) : ap_uint<6>(0);
  const ap_uint<6> lane_exponent = nan || infinite ? ap_uint<6>(kSpecialExponent) : place;
  const ap_int<10> significand =
      negative ? ap_int<10>(-ap_int<10>(magnitude)) : ap_int<10>(magnitude);

  const ap_int<8> eight = ap_int<8>(ap_uint<8>(code ^ (element == ng_formats::kUint8 ? 0x80 : 0)));
  const bool is_eight = element == ng_formats::kInt8 || element == ng_formats::kUint8;
  const ap_int<8> narrow = element == ng_formats::kE2m3 ? DecodeE2m3(code.range(5, 0))
                                                        : DecodeNibble(code.range(3, 0), element);
  const ap_int<10> integer = is_eight ? ap_int<10>(eight) : ap_int<10>(narrow);

  ap_uint<16> lane = has_fields ? ap_uint<10>(significand) : ap_uint<10>(integer);
  lane.range(15, 10) = has_fields ? lane_exponent : ap_uint<6>(0);
  return lane;
}

// Decodes `panels` panels for the product with an operand of format `other`.
template <int kPanelLanes>
inline void Decode(hls::stream<Beat>& beats, hls::stream<Zeros<kPanelLanes>>& zeros,
                   hls::stream<Lanes<kPanelLanes>>& lanes, Word panels, const Operand& operand,
                   const Operand& other) {
  const ap_uint<8> element = operand.Element();
  const bool is_nibble = IsNibbleProduct(operand, other);
  const bool is_float = IsFloatProduct(operand, other);
  const bool is_bytes = element == ng_formats::kInt8 || element == ng_formats::kUint8;
  const Count steps = Count(panels) * operand.k;
  BlockWalk walk(operand.block, operand.Tail(), operand.blocks);
  Cutter<kPanelLanes> cutter;

  if (is_nibble) {
    const Word full_words = (operand.block + 1) >> 1;
    const Word tail_words = (operand.Tail() + 1) >> 1;
    const Count total = Count(panels) * ((operand.blocks - 1) * full_words + tail_words);
    walk = BlockWalk(full_words, tail_words, operand.blocks);
  decode_nibbles:
    for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
      const bool block_end = walk.BlockEnds();
      if (cutter.NeedsBeat(4)) cutter.Add(beats.read());
      Lanes<kPanelLanes> word = 0;
    nibble_lanes:
      for (int l = 0; l < kPanelLanes; ++l) {
#pragma HLS UNROLL
        const ap_uint<4> first = cutter.rest.range(4 * l + 3, 4 * l);
        const ap_uint<4> second =
            cutter.rest.range(4 * (kPanelLanes + l) + 3, 4 * (kPanelLanes + l));
        word.range(16 * l + 7, 16 * l) = ap_uint<8>(DecodeNibble(first, element));
        word.range(16 * l + 15, 16 * l + 8) = ap_uint<8>(DecodeNibble(second, element));
      }
      lanes.write(word);
      cutter.Take(4, block_end);
      walk.Next();
    }
  } else if (is_float) {
    const ap_uint<4> units = operand.IsFourBit() ? 2 : operand.IsSixBit() ? 3 : 4;
  decode_floats:
    for (Count t = 0; t < steps; ++t) {
#pragma HLS PIPELINE II = 1
      const bool block_end = walk.BlockEnds();
      if (cutter.NeedsBeat(units)) cutter.Add(beats.read());
      Lanes<kPanelLanes> word = 0;
    float_lanes:
      for (int l = 0; l < kPanelLanes; ++l) {
#pragma HLS UNROLL
        const ap_uint<8> code =
            operand.IsFourBit()  ? ap_uint<8>(cutter.rest.range(4 * l + 3, 4 * l))
            : operand.IsSixBit() ? ap_uint<8>(cutter.rest.range(6 * l + 5, 6 * l))
                                 : ap_uint<8>(cutter.rest.range(8 * l + 7, 8 * l));
        word.range(16 * l + 15, 16 * l) = DecodeFloat(code, element);
      }
      lanes.write(word);
      cutter.Take(units, block_end);
      walk.Next();
    }
  } else if (is_bytes) {
    const ap_uint<8> flip = element == ng_formats::kUint8 ? 0x80 : 0;
  decode_bytes:
    for (Count t = 0; t < steps; ++t) {
#pragma HLS PIPELINE II = 1
      const bool block_end = walk.BlockEnds();
      if (cutter.NeedsBeat(4)) cutter.Add(beats.read());
      Lanes<kPanelLanes> word = 0;
    byte_lanes:
      for (int l = 0; l < kPanelLanes; ++l) {
#pragma HLS UNROLL
        word.range(16 * l + 7, 16 * l) = cutter.rest.range(8 * l + 7, 8 * l) ^ flip;
      }
      lanes.write(word);
      cutter.Take(4, block_end);
      walk.Next();
    }
  } else {
    const ap_uint<4> units = operand.IsFourBit() ? 2 : 3;
    const bool has_zeros = operand.HasZeros();
    bool block_start = true;
    Zeros<kPanelLanes> zero = 0;
  decode_narrow:
    for (Count t = 0; t < steps; ++t) {
#pragma HLS PIPELINE II = 1
      const bool block_end = walk.BlockEnds();
      if (has_zeros && block_start) zero = zeros.read();
      if (cutter.NeedsBeat(units)) cutter.Add(beats.read());
      Lanes<kPanelLanes> word = 0;
    narrow_lanes:
      for (int l = 0; l < kPanelLanes; ++l) {
#pragma HLS UNROLL
        const ap_int<8> z = ap_int<8>(ap_uint<8>(zero.range(8 * l + 7, 8 * l)));
        const ap_int<8> value = operand.IsFourBit()
                                    ? DecodeNibble(cutter.rest.range(4 * l + 3, 4 * l), element)
                                    : DecodeE2m3(cutter.rest.range(6 * l + 5, 6 * l));
        word.range(16 * l + 7, 16 * l) = ap_uint<8>(ap_int<8>(value - z));
      }
      lanes.write(word);
      cutter.Take(units, block_end);
      block_start = block_end;
      walk.Next();
    }
  }
}

}  // namespace gemm_config
