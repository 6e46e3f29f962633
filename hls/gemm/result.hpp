// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// From words of results to the output buffer (docs/seams.md, sections 3 and 12).
#pragma once

#include "call.hpp"
#include "encode.hpp"

namespace gemm_config {

// Half the bits of a result: so many units of kUnitBits has a word of them.
inline ap_uint<5> HalfBits(ap_uint<8> element) {
  ap_uint<5> half = 16;
pick_width:
  for (int e = 0; e < ng_formats::kNumElements; ++e) {
#pragma HLS UNROLL
    if (element == e) half = ng_formats::kElements[e].bits / 2;
  }
  return half;
}

// The low kWidth bits of every lane, side by side.
template <int kWidth>
inline ap_uint<kWidth * kLanes> LowBits(Beat word) {
  ap_uint<kWidth * kLanes> bits = 0;
low_bits:
  for (int l = 0; l < kLanes; ++l) {
#pragma HLS UNROLL
    bits.range(kWidth * l + kWidth - 1, kWidth * l) = word.range(32 * l + kWidth - 1, 32 * l);
  }
  return bits;
}

// Whole words arrive from above: what leaves is kPortBits wide, what stays at most 2/16 of that
// (after six-bit words).
constexpr int kUnitBits = kPortBits / 16;
constexpr int kStayUnits = 2;
typedef ap_uint<kPortBits + kStayUnits * kUnitBits> Packer;

template <int kWidth>
inline Packer Push(Packer packed, Beat word) {
  const int bits = kWidth * kLanes;
  const int top = kPortBits + kStayUnits * kUnitBits;
  return (Packer(LowBits<kWidth>(word)) << (top - bits)) | Packer(packed >> bits);
}

// Collects the words of the call's mode and packs their lanes. Beats of an MX output whose columns
// are all outside of C are left out.
inline void Narrow(hls::stream<ScaledWord>& raw, hls::stream<Beat>& integer,
                   hls::stream<Beat>& onnx, hls::stream<Beat>& floating, hls::stream<Beat>& encoded,
                   hls::stream<Beat>& out, Count words, Word n_tiles, Word mode, Word activation,
                   Word out_format, Word n) {
  const bool is_mx = IsMx(out_format);
  const bool is_encoded = IsEncoded(mode, activation, out_format);
  const ap_uint<5> units = HalfBits(out_format.range(7, 0));  // of kUnitBits: a word's width
  Position at(n_tiles, is_mx ? n : Word(n_tiles * kCols));
  Packer packed = 0;
  ap_uint<5> fill = 0;    // units that wait for a beat
  bool is_inside = true;  // whether the beat under way starts in a column of C
narrow:
  for (Count t = 0; t < words; ++t) {
#pragma HLS PIPELINE II = 1
    Beat word;
    if (mode == kRawInt32) {
      const ScaledWord scaled = raw.read();
      word = scaled.range(kPortBits - 1, 0);
    } else if (mode == kOnnx) {
      word = onnx.read();
    } else if (is_encoded) {
      word = encoded.read();
    } else if (MakesFloats(mode)) {
      word = floating.read();
    } else {
      word = integer.read();
    }
    packed = units == 8   ? Push<16>(packed, word)
             : units == 4 ? Push<8>(packed, word)
             : units == 3 ? Push<6>(packed, word)
                          : Push<4>(packed, word);
    const ap_uint<6> filled = fill + units;
    const bool full = filled >= 16;
    const ap_uint<2> stay = filled.range(1, 0);
    const Beat aligned = stay == 0   ? Beat(packed >> (2 * kUnitBits))
                         : stay == 1 ? Beat(packed >> kUnitBits)
                                     : Beat(packed);
    if (full & is_inside) out.write(units == 16 ? word : aligned);
    fill = full ? ap_uint<5>(filled - 16) : ap_uint<5>(filled);
    const bool was_inside = at.inside;
    at.Next();
    is_inside = !full ? is_inside : stay == 0 ? at.inside : was_inside;
  }
}

// Where the beats of a result go: a row of tiles is one run of beats; in an MX output the panel of
// an operand A with N as its K, groups of blocks with a beat of scales before each.
struct ResultRow {
  Word beats;        // of the row
  Word groups;       // in it
  Word group_beats;  // of each but the last
  Word last_beats;
  ResultRow(Word n_tiles, bool is_tall, Word out_format, Word n) {
    const Word blocks = (n + kBlockColumns - 1) / kBlockColumns;
    const Operand panel(out_format, n, kBlockColumns, blocks);
    const Word tile_units =
        kCols * WordsPerColumn(is_tall) * Word(HalfBits(out_format.range(7, 0)));
    const bool is_mx = IsMx(out_format);
    beats = is_mx ? PanelBeats<kRows>(panel) : Word(n_tiles * tile_units / 16);
    groups = is_mx ? Word((n + kGroupColumns - 1) / kGroupColumns) : Word(1);
    group_beats = Word(1 + kGroupBlocks * ElementBeats<kRows>(panel, kBlockColumns));
    last_beats = beats - (groups - 1) * group_beats;
  }
};

// The result is one run of memory from beat `first` on, whatever the shape: one request, whose
// response the caller awaits.
inline void WriteResult(hls::stream<Beat>& beats, hls::stream<Beat>& scale_beats, Memory& memory,
                        Offset first, Word m_tiles, Word n_tiles, bool is_tall, Word out_format,
                        Word n) {
  const ResultRow row(n_tiles, is_tall, out_format, n);
  const bool is_mx = IsMx(out_format);
  const Count total = Count(m_tiles) * row.beats;
  const bool one_group = row.groups == 1;
  Cycle groups(row.groups);
  Word left = one_group ? row.last_beats : row.group_beats;  // of the group
  bool starts = true;
  memory.write_request(first, total);
write_beats:
  for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    Beat beat;
    if (is_mx && starts) {
      beat = scale_beats.read();
    } else {
      beat = beats.read();
    }
    memory.write(beat);
    const bool ends = left == 1;
    const bool next_is_last = one_group | (groups.left == 2);
    const Word next_beats = next_is_last ? row.last_beats : row.group_beats;
    const bool last = groups.Last();
    left = ends ? next_beats : Word(left - 1);
    groups.left = !ends ? groups.left : last ? groups.count : Word(groups.left - 1);
    starts = ends;
  }
}

}  // namespace gemm_config
