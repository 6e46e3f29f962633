// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// From FP32 to the codes of the output format (docs/seams.md, section 12): plain elements, or MX
// blocks of 32 along N, whose scales FindScales takes from the numbers before Encode sees them.
#pragma once

#include "config.hpp"
#include "fp32.hpp"

namespace gemm_config {

constexpr int kBlockColumns = 32;  // of C in an MX block: 2^5
// Blocks whose scales share a beat, as in an operand A, and the words of their columns.
constexpr int kGroupBlocks = Panel<kRows>::kBlocksPerBeat;
constexpr int kGroupColumns = kGroupBlocks * kBlockColumns;
constexpr int kGroupWords = kGroupColumns * kWordsPerColumn;
static_assert(kGroupColumns % kCols == 0 || kCols % kGroupColumns == 0,
              "a group of blocks is whole tiles or a whole part of one");

inline bool IsMx(Word out_format) {
  return kMakesMx && out_format.range(11, 8) == ng_formats::kE8m0;
}

// For each block of a group and each row: the E8M0 code, and whether the block's elements are all
// 0 (it is zero, or has a number that is not finite).
constexpr int kRowScaleBits = 9;
typedef ap_uint<kRows * kRowScaleBits> BlockRowScales;
typedef ap_uint<kGroupBlocks * kRows * kRowScaleBits> GroupScales;

// Where a word of a row of tiles belongs: its part of a column, and its column in the group of
// blocks. Counters count down to constants, so that a nest of them is no longer than one. Only MX
// results are placed: their tiles are not tall.
struct Position {
  ap_uint<3> part;
  ap_uint<8> in_group;
  Cycle columns;  // of whole tiles
  Word n;         // columns of C
  Word n_left;    // of them, from this one on
  bool inside;    // whether this is one of them
  Position(Word n_tiles, Word columns_of_c)
      : part(0),
        in_group(0),
        columns(n_tiles * kCols),
        n(columns_of_c),
        n_left(columns_of_c),
        inside(true) {}
  bool ColumnEnds() const { return part == kWordsPerColumn - 1; }
  bool BlockEnds() const {
    return ColumnEnds() & ((in_group.range(4, 0) == kBlockColumns - 1) | columns.Last());
  }
  bool GroupEnds() const {
    return ColumnEnds() & ((in_group == kGroupColumns - 1) | columns.Last());
  }
  void Next() {
    const bool column_ends = ColumnEnds();
    const bool last = columns.Last();
    const bool group_last = (in_group == kGroupColumns - 1) | last;
    const bool inside_last = n_left == 1;
    part = column_ends ? ap_uint<3>(0) : ap_uint<3>(part + 1);
    in_group = !column_ends ? in_group : group_last ? ap_uint<8>(0) : ap_uint<8>(in_group + 1);
    columns.left = !column_ends ? columns.left : last ? columns.count : Word(columns.left - 1);
    n_left = !column_ends ? n_left : last ? n : Word(n_left - 1);
    inside = !column_ends ? inside : last | (inside & !inside_last);
  }
};

// What FindScales remembers of the numbers of a row's block.
struct RowRange {
  ap_uint<8> exponent;  // the largest exponent field; 255: not finite
  bool is_zero;
};

// floor(log2(amax)) − emax, as a code: `exponent` is amax's exponent field.
inline ap_uint<kRowScaleBits> RowScale(const RowRange& range, ap_uint<8> emax) {
  const bool not_finite = range.exponent == 255;
  const bool small = range.exponent < emax;
  ap_uint<kRowScaleBits> scale = small ? ap_uint<8>(0) : ap_uint<8>(range.exponent - emax);
  if (range.is_zero) scale = 0;
  if (not_finite) scale = 255;
  scale[kRowScaleBits - 1] = not_finite || range.is_zero;
  return scale;
}

// The scales of a block that is not there, as an operand A has them: 1.
inline BlockRowScales AbsentScales() {
  BlockRowScales scales = 0;
absent_scales:
  for (int r = 0; r < kRows; ++r) {
#pragma HLS UNROLL
    scales.range(kRowScaleBits * r + 7, kRowScaleBits * r) = fp32::kBias;
  }
  return scales;
}

// Exponent of the largest number of an MX element, element_exponent included.
inline ap_uint<8> LargestExponent(ap_uint<8> element) {
  ap_uint<8> emax = 0;  // MXINT8
find_emax:
  for (int e = ng_formats::kE2m1; e < ng_formats::kNumElements; ++e) {
#pragma HLS UNROLL
    if (element == e) emax = ng_formats::kElements[e].emax;
  }
  return emax;
}

// Passes the numbers on and, for MX outputs, tells the scales of each group of blocks after its
// last number. Columns outside of C become 0 and do not count; a group outside of C has no scales.
inline void FindScales(hls::stream<Beat>& in, hls::stream<Beat>& out,
                       hls::stream<GroupScales>& scales, Count words, Word n_tiles, Word mode,
                       Word activation, Word out_format, Word n) {
  const Count total = IsEncoded(mode, activation, out_format) ? words : Count(0);
  const bool is_mx = IsMx(out_format);
  const ap_uint<8> emax = LargestExponent(out_format.range(7, 0));
  Position at(n_tiles, is_mx ? n : Word(n_tiles * kCols));
  RowRange ranges[kRows];
#pragma HLS ARRAY_PARTITION variable = ranges complete
clear_ranges:
  for (int r = 0; r < kRows; ++r) {
#pragma HLS UNROLL
    ranges[r].exponent = 0;
    ranges[r].is_zero = true;
  }
  BlockRowScales blocks[kGroupBlocks];
#pragma HLS ARRAY_PARTITION variable = blocks complete
clear_blocks:
  for (int b = 0; b < kGroupBlocks; ++b) {
#pragma HLS UNROLL
    blocks[b] = 0;
  }
  bool group_inside = true;  // the group began in a column of C
find_scales:
  for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    const Beat read = in.read();
    const Beat values = at.inside ? read : Beat(0);
    const bool block_ends = at.BlockEnds();
    BlockRowScales block = 0;
  row_ranges:
    for (int r = 0; r < kRows; ++r) {
#pragma HLS UNROLL
      // Of the other rows of the column nothing is seen now.
      const bool here = at.part == r / kLanes;
      const fp32::Bits word = values.range(32 * (r % kLanes) + 31, 32 * (r % kLanes));
      const fp32::Bits x = here ? word : fp32::Bits(0);
      const ap_uint<8> exponent = fp32::BiasedExponent(x);
      RowRange range = ranges[r];
      range.exponent = exponent > range.exponent ? exponent : range.exponent;
      range.is_zero = range.is_zero & fp32::IsZero(x);
      block.range(kRowScaleBits * r + kRowScaleBits - 1, kRowScaleBits * r) = RowScale(range, emax);
      range.exponent = block_ends ? ap_uint<8>(0) : range.exponent;
      range.is_zero = range.is_zero | block_ends;
      ranges[r] = range;
    }
    const ap_uint<3> slot = ap_uint<3>(at.in_group >> 5);
    GroupScales group = 0;
  keep_block:
    for (int b = 0; b < kGroupBlocks; ++b) {
#pragma HLS UNROLL
      const int bits = kRows * kRowScaleBits;
      blocks[b] = slot < b ? AbsentScales() : slot == b ? block : blocks[b];
      group.range(bits * b + bits - 1, bits * b) = blocks[b];
    }
    out.write(values);
    const bool group_ends = at.GroupEnds();
    if (is_mx & group_ends & group_inside) scales.write(group);
    at.Next();
    group_inside = group_ends ? at.inside : group_inside;
  }
}

// How an element is encoded: a magnitude |x| becomes the nearest multiple of a step, 2^(e −
// mantissa_bits) for 2^e ≤ |x| < 2^(e+1) and e at least min_exponent.
struct Encoding {
  ap_uint<4> mantissa_bits;
  ap_int<9> min_exponent;
  ap_uint<16> max_code;
  ap_uint<16> overflow_code;
  ap_uint<16> nan_code;
  ap_uint<16> sign_bit;  // 0: two's complement
};

// Plain integers are rounded to 9 bits here, and clamped when the zero-point has been added.
inline Encoding EncodingOf(ap_uint<8> element, bool is_mx) {
  Encoding e;
  e.mantissa_bits = is_mx ? ap_uint<4>(7) : ap_uint<4>(8);
  e.min_exponent = is_mx ? ap_int<9>(1) : ap_int<9>(8);
  e.max_code = is_mx ? ap_uint<16>(127) : ap_uint<16>(511);
  e.overflow_code = e.max_code;
  e.nan_code = 0;
  e.sign_bit = 0;
pick_encoding:
  for (int i = ng_formats::kE2m1; i < ng_formats::kNumElements; ++i) {
#pragma HLS UNROLL
    const ng_formats::Element& row = ng_formats::kElements[i];
    const int top_code = (1 << (row.bits - 1)) - 1;
    // What is beyond the largest number becomes it, but for BF16, where it is infinite.
    const int infinity = row.max_code + 1;
    // The first NaN in the mantissa's upper half, as 0x7FC00000 is.
    const int quiet_nan = row.specials == ng_formats::kInfinityAndNan
                              ? infinity + (1 << (row.mantissa_bits - 1))
                              : top_code;
    if (element == i) {
      e.mantissa_bits = row.mantissa_bits;
      e.min_exponent = 1 - row.bias;
      e.max_code = row.max_code;
      e.overflow_code = i == ng_formats::kBf16 ? infinity : row.max_code;
      e.nan_code = quiet_nan;
      e.sign_bit = 1 << (row.bits - 1);
    }
  }
  return e;
}

// The code of x·2^-exponent, to nearest even; integers in two's complement.
inline ap_int<17> EncodeElement(fp32::Bits x, ap_int<9> exponent, const Encoding& e) {
  ap_uint<24> significand = fp32::Significand(x);
  ap_uint<5> places = 0;
normalise_significand:
  for (int s = 4; s >= 0; --s) {
#pragma HLS UNROLL
    const int width = 1 << s;
    const bool shift = (significand >> (24 - width)) == 0;
    significand = shift ? ap_uint<24>(significand << width) : significand;
    places[s] = shift;
  }
  const ap_int<12> leading =
      ap_int<12>(fp32::Exponent(x) + fp32::kFractionBits - places - exponent);
  const bool normal = leading >= e.min_exponent;
  const ap_uint<12> deficit = normal ? ap_uint<12>(0) : ap_uint<12>(e.min_exponent - leading);
  const ap_uint<12> drop = ap_uint<12>(fp32::kFractionBits - e.mantissa_bits + deficit);
  const ap_uint<5> right = drop > 25 ? ap_uint<5>(25) : ap_uint<5>(drop);
  const ap_uint<49> fixed = ap_uint<49>(ap_uint<49>(significand) << 25) >> right;
  const ap_uint<24> kept = fixed.range(48, 25);
  const bool half = fixed[24];
  const bool below = fixed.range(23, 0) != ap_uint<24>(0);
  const ap_uint<24> steps = kept + ap_uint<1>(half && (below || kept[0]));
  const ap_uint<12> binades = normal ? ap_uint<12>(leading - e.min_exponent) : ap_uint<12>(0);
  const ap_uint<24> code = ap_uint<24>(ap_uint<24>(binades) << e.mantissa_bits) + steps;
  const ap_uint<16> number = code > e.max_code ? e.overflow_code : ap_uint<16>(code);
  const bool is_nan = fp32::IsNan(x);
  const ap_uint<16> magnitude = is_nan ? e.nan_code : number;
  const bool negative = fp32::Sign(x);
  const bool twos_complement = e.sign_bit == 0;
  const ap_int<17> signed_code =
      negative ? ap_int<17>(-ap_int<17>(magnitude)) : ap_int<17>(magnitude);
  const ap_int<17> float_code = magnitude | (negative ? e.sign_bit : ap_uint<16>(0));
  return twos_complement ? signed_code : float_code;
}

// FP32 to codes, in the low bits of each lane; the scales of MX blocks go on as a beat before their
// elements. FP32 outputs that come here (activated) pass.
inline void Encode(hls::stream<Beat>& in, hls::stream<GroupScales>& scales, hls::stream<Beat>& out,
                   hls::stream<Beat>& scale_beats, Count words, Word n_tiles, Word mode,
                   Word activation, Word out_format, Word out_zero, Word n) {
  const Count total = IsEncoded(mode, activation, out_format) ? words : Count(0);
  const bool is_mx = IsMx(out_format);
  const ap_uint<8> element = out_format.range(7, 0);
  const Encoding encoding = EncodingOf(element, is_mx);
  const bool is_fp32 = element == ng_formats::kFp32Output;
  const bool is_integer = !is_mx && (element == ng_formats::kInt8 || element == ng_formats::kUint8);
  const ap_int<17> lo = element == ng_formats::kUint8 ? 0 : -128;
  const ap_int<17> hi = element == ng_formats::kUint8 ? 255 : 127;
  const ap_int<9> zero = ap_int<9>(out_zero);
  Position at(n_tiles, is_mx ? n : Word(n_tiles * kCols));
  GroupScales group = 0;
  bool starts = true;  // a group
encode:
  for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    if (is_mx & starts & at.inside) {
      group = scales.read();
      Beat beat = 0;
    scale_codes:
      for (int r = 0; r < kGroupBlocks * kRows; ++r) {
#pragma HLS UNROLL
        beat.range(8 * r + 7, 8 * r) = group.range(kRowScaleBits * r + 7, kRowScaleBits * r);
      }
      scale_beats.write(beat);
    }
    // The scales of this word's rows.
    const int bits = kLanes * kRowScaleBits;
    ap_uint<kLanes * kRowScaleBits> rows = group.range(bits - 1, 0);
  pick_rows:
    for (int i = 1; i < kGroupBlocks * kWordsPerColumn; ++i) {
#pragma HLS UNROLL
      if ((at.in_group >> 5) == i / kWordsPerColumn && at.part == i % kWordsPerColumn) {
        rows = group.range(bits * i + bits - 1, bits * i);
      }
    }
    const Beat values = in.read();
    Beat result = 0;
  encode_lanes:
    for (int l = 0; l < kLanes; ++l) {
#pragma HLS UNROLL
      const ap_uint<kRowScaleBits> scale =
          rows.range(kRowScaleBits * l + kRowScaleBits - 1, kRowScaleBits * l);
      const ap_int<9> exponent =
          is_mx ? ap_int<9>(ap_uint<8>(scale.range(7, 0)) - fp32::kBias) : ap_int<9>(0);
      const fp32::Bits number = values.range(32 * l + 31, 32 * l);
      const bool dropped = is_mx && scale[kRowScaleBits - 1];
      const fp32::Bits x = dropped ? fp32::Bits(0) : number;
      const ap_int<17> code = EncodeElement(x, exponent, encoding);
      const ap_int<18> moved = code + zero;
      const ap_int<17> clamped = moved < lo ? lo : moved > hi ? hi : ap_int<17>(moved);
      const Word stored = Word(ap_uint<17>(is_integer ? clamped : code));
      result.range(32 * l + 31, 32 * l) = is_fp32 ? x : stored;
    }
    out.write(result);
    starts = at.GroupEnds();
    at.Next();
  }
}

}  // namespace gemm_config
