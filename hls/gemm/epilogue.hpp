// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// From sums to scaled numbers (docs/seams.md, section 4). AddTerms routes each word of kLanes sums
// to the process of the call's mode; result.hpp collects it again.
#pragma once

#include "fp32.hpp"
#include "panels.hpp"

namespace gemm_config {

inline Word Multiplier(ScaledWord word) { return word.range(kPortBits + 31, kPortBits); }
inline Word ShiftOrChannelScale(ScaledWord word) {
  return word.range(kPortBits + 63, kPortBits + 32);
}
inline Word FloatBias(ScaledWord word) { return word.range(kPortBits + 95, kPortBits + 64); }
inline ap_int<32> Lane(Beat word, int lane) {
  return ap_int<32>(Word(word.range(32 * lane + 31, 32 * lane)));
}

// The requests of the vector buffer, in the order of the tiles. By rows of tiles: a row's terms,
// then the column records of all its tiles. By columns: a column's records, then the row terms of
// its tiles. None is longer than kAskedBeats, so that vectors do not come between operands for long
// where they share a bank.
constexpr int kAskedBeats = 16;
struct VectorRequests {
  Word outer_beats, inner_beats;  // once a line of tiles, and for all its tiles
  Offset inner_first, outer, at;  // where the inner piece, the next outer one, this request begin
  Word left;                      // of this piece
  bool inner, last;               // which piece it is, and whether this is its last request
  VectorRequests(const VectorCall& call, bool by_columns, Word row_beats)
      : outer_beats(by_columns ? Word(kRecordBeats) : row_beats),
        inner_beats(by_columns ? Word(call.m_tiles * row_beats)
                               : Word(call.n_tiles * kRecordBeats)),
        inner_first(by_columns ? call.rows : call.records),
        outer(by_columns ? call.records : call.rows),
        at(outer),
        left(outer_beats),
        inner(false),
        last(outer_beats <= kAskedBeats) {}
  Word Beats() const { return last ? left : Word(kAskedBeats); }
  void Next() {
    const bool next_outer = last & inner, next_inner = last & !inner;
    const Word next_left = left - kAskedBeats;
    const bool next_last = next_outer   ? outer_beats <= kAskedBeats
                           : next_inner ? inner_beats <= kAskedBeats
                                        : left <= 2 * kAskedBeats;
    if (next_inner) outer += outer_beats;
    at = next_outer ? outer : next_inner ? inner_first : Offset(at + kAskedBeats);
    left = next_outer ? outer_beats : next_inner ? inner_beats : next_left;
    inner = last ? !inner : inner;
    last = next_last;
  }
};

// Reads the vector buffer: row terms and column records go ways of their own.
inline void ReadVectors(Memory& memory, hls::stream<Beat>& row_terms, hls::stream<Beat>& records,
                        const VectorCall& call) {
  const bool by_columns = call.order == ng_descriptor::kByColumns;
  const Word lines = by_columns ? call.n_tiles : call.m_tiles;
  VectorRequests request(call, by_columns, WordsPerColumn(call.is_tall == 1));
  const Count total = Count(lines) * (request.outer_beats + request.inner_beats);
  const Word outer_requests = (request.outer_beats + kAskedBeats - 1) / kAskedBeats;
  const Word inner_requests = (request.inner_beats + kAskedBeats - 1) / kAskedBeats;
  Countdown unasked(lines * (outer_requests + inner_requests));
ask_ahead:
  for (int r = 0; r < kRequestsAhead; ++r) {
    if (unasked.some) {
      memory.read_request(request.at, request.Beats());
      request.Next();
      unasked.Next();
    }
  }
  EagerCycle outer_beat(request.outer_beats), inner_beat(request.inner_beats);
  ap_uint<8> beat = 0;  // of its request
  bool inner = false;
read_vectors:
  for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    if (beat == 0 && unasked.some) {
      memory.read_request(request.at, request.Beats());
      request.Next();
      unasked.Next();
    }
    const Beat word = memory.read();
    if (inner == by_columns) {
      row_terms.write(word);
    } else {
      records.write(word);
    }
    const bool last = inner ? inner_beat.last : outer_beat.last;
    if (inner) {
      inner_beat.Next();
    } else {
      outer_beat.Next();
    }
    beat = (last || beat == kAskedBeats - 1) ? ap_uint<8>(0) : ap_uint<8>(beat + 1);
    inner = inner ^ last;
  }
}

// x = sum + row_term + col_term, modulo 2^32, sent on with the column's scales. FP32 sums go on as
// they are. The records of a column of tiles are kept for all its tiles.
inline void AddTerms(hls::stream<Beat>& sums, hls::stream<Beat>& row_terms,
                     hls::stream<Beat>& records, hls::stream<ScaledWord>& raw,
                     hls::stream<ScaledWord>& integer, hls::stream<ScaledWord>& onnx,
                     hls::stream<ScaledWord>& floating, const ResultCall& call) {
  const Word mode = call.mode;
  const bool by_columns = call.order == ng_descriptor::kByColumns;
  const Count total = call.Words();
  Beat rows[kTallWordsPerColumn];
#pragma HLS ARRAY_PARTITION variable = rows complete
  Beat kept[kRecordBeats];
// A beat is read at least a tile's words after it was written.
#pragma HLS DEPENDENCE variable = kept inter false
  Beat pending = 0;        // column records not used yet
  bool new_row = true;     // the tile's row is not that of the one before
  bool new_column = true;  // … its column
  EagerCycle tile(by_columns ? call.m_tiles : call.n_tiles);
  ap_uint<16> column = 0;
  bool last_column = false;
  bool next_beat = true;  // the column's record is the first one of a beat
  Word word = 0;          // of the column
  EagerCycle part(WordsPerColumn(call.is_tall == 1));
add_terms:
  for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    if (new_row && column == 0) {
      const Beat fresh = row_terms.read();
    load_row:
      for (int w = 0; w < kTallWordsPerColumn; ++w) {
#pragma HLS UNROLL
        if (word == w) rows[w] = fresh;
      }
    }
    const int place = int(column / kRecordsPerBeat);
    Beat fresh = 0;
    if (next_beat && new_column) {
      fresh = records.read();
      kept[place] = fresh;
    }
    const Beat kept_records = kept[place];
    const Beat next = new_column ? fresh : kept_records;
    const Beat beat = next_beat ? next : pending;
    const ap_int<32> col_term = Lane(beat, 0);

    Beat row = rows[0];
  select_row:
    for (int w = 1; w < kTallWordsPerColumn; ++w) {
#pragma HLS UNROLL
      if (word == w) row = rows[w];
    }
    const Beat sum = sums.read();
    ScaledWord out = 0;
  add_lanes:
    for (int l = 0; l < kLanes; ++l) {
#pragma HLS UNROLL
      const ap_uint<32> x = ap_uint<32>(Lane(sum, l) + Lane(row, l) + col_term);
      out.range(32 * l + 31, 32 * l) = mode == kScaledSums ? ap_uint<32>(Lane(sum, l)) : x;
    }
    out.range(kPortBits + kScaleBits - 1, kPortBits) = beat.range(kRecordBits - 1, 32);
    if (mode == kRawInt32) {
      raw.write(out);
    } else if (mode == kOnnx) {
      onnx.write(out);
    } else if (MakesFloats(mode)) {
      floating.write(out);
    } else {
      integer.write(out);
    }

    const bool column_end = part.last;
    part.Next();
    const bool tile_end = column_end && last_column;
    word = column_end ? Word(0) : Word(word + 1);
    pending = column_end ? Beat(beat >> kRecordBits) : beat;
    next_beat = column_end && column % kRecordsPerBeat == kRecordsPerBeat - 1;
    if (column_end) {
      last_column = column == kCols - 2;
      column = tile_end ? ap_uint<16>(0) : ap_uint<16>(column + 1);
    }
    if (tile_end) {
      new_row = by_columns || tile.last;
      new_column = !by_columns || tile.last;
      tile.Next();
    }
  }
}

inline ap_int<32> Clamp(ap_int<33> value, ap_int<32> lo, ap_int<32> hi) {
  return value < lo ? lo : value > hi ? hi : ap_int<32>(value);
}

inline ap_uint<32> Magnitude(ap_int<32> value) {
  return value < 0 ? ap_uint<32>(-ap_int<33>(value)) : ap_uint<32>(value);
}

// gemmlowp's double rounding and TFLite's single rounding: one rounded shift of the product by
// 31 or by `shift`, then gemmlowp's division by a power of two.
inline ap_int<32> RequantiseInteger(ap_int<32> x, Word multiplier, ap_int<32> shift, bool single) {
  // gemmlowp: a positive shift goes to the left before the product, saturating.
  const ap_uint<5> left = !single && shift > 0 ? ap_uint<5>(shift) : ap_uint<5>(0);
  const ap_int<64> shifted = ap_int<64>(x) << left;
  const bool fits = shifted == ap_int<64>(ap_int<32>(shifted));
  const ap_int<32> limit = x < 0 ? ap_int<32>(-2147483647 - 1) : ap_int<32>(2147483647);
  const ap_int<32> y = fits ? ap_int<32>(shifted) : limit;

  // Rounded shift of the magnitude: half up for positive, half towards zero... that is floor(x+½).
  const bool negative = y < 0;
  const ap_uint<64> product = Magnitude(y) * multiplier;
  const ap_uint<6> places = single ? ap_uint<6>(shift) : ap_uint<6>(31);
  const ap_uint<64> half = ap_uint<64>(1) << ap_uint<6>(places - 1);
  const ap_uint<64> magnitude = ap_uint<64>(product + half - ap_uint<1>(negative)) >> places;
  const bool too_big = magnitude > ap_uint<64>(0x7FFFFFFF);
  const ap_int<32> saturated = negative ? ap_int<32>(-2147483647 - 1) : ap_int<32>(2147483647);
  const ap_int<32> high = too_big    ? saturated
                          : negative ? ap_int<32>(-ap_int<33>(magnitude))
                                     : ap_int<32>(magnitude);

  // RoundingDivideByPOT: half away from zero.
  const ap_uint<5> right = !single && shift < 0 ? ap_uint<5>(-shift) : ap_uint<5>(0);
  const ap_uint<32> mask = (ap_uint<32>(1) << right) - 1;
  const ap_uint<32> remainder = ap_uint<32>(high) & mask;
  const ap_uint<32> threshold = ap_uint<32>(mask >> 1) + ap_uint<1>(high < 0);
  return ap_int<32>((high >> right) + ap_uint<1>(remainder > threshold));
}

inline void ScaleInteger(hls::stream<ScaledWord>& in, hls::stream<Beat>& out, Count words,
                         Word mode, ap_int<32> out_zero, ap_int<32> lo, ap_int<32> hi) {
  const bool mine = mode == kGemmlowp || mode == kTflite;
  const Count total = mine ? words : Count(0);
  const bool single = mode == kTflite;
scale_integer:
  for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    const ScaledWord word = in.read();
    const Beat values = word.range(kPortBits - 1, 0);
    const ap_int<32> shift = ap_int<32>(ShiftOrChannelScale(word));
    Beat result = 0;
  integer_lanes:
    for (int l = 0; l < kLanes; ++l) {
#pragma HLS UNROLL
      const ap_int<32> q = RequantiseInteger(Lane(values, l), Multiplier(word), shift, single);
      result.range(32 * l + 31, 32 * l) = Word(Clamp(q + out_zero, lo, hi));
    }
    out.write(result);
  }
}

// ONNX Runtime's order: the sum to FP32, times the FP32 scale, to the nearest integer.
inline void ScaleOnnx(hls::stream<ScaledWord>& in, hls::stream<Beat>& out, Count words, Word mode,
                      ap_int<32> out_zero, ap_int<32> lo, ap_int<32> hi) {
  const Count total = mode == kOnnx ? words : Count(0);
scale_onnx:
  for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    const ScaledWord word = in.read();
    const Beat values = word.range(kPortBits - 1, 0);
    const fp32::Factor scale = fp32::Unpack(Multiplier(word));
    Beat result = 0;
  onnx_lanes:
    for (int l = 0; l < kLanes; ++l) {
#pragma HLS UNROLL
      const fp32::Factor sum = fp32::UnpackInt32(Lane(values, l));
      const ap_int<32> q = fp32::ToInt32(fp32::Multiply(sum, scale));
      result.range(32 * l + 31, 32 * l) = Word(Clamp(q + out_zero, lo, hi));
    }
    out.write(result);
  }
}

// fl(x·scale) in one rounding, x being an int32 or, in mode kScaledSums, an FP32. `scale` is
// finite.
inline fp32::Bits ScaleSum(ap_int<32> x, const fp32::Factor& scale, bool is_float) {
  const fp32::Bits f = Word(x);
  const bool negative = (x < 0) != scale.negative;
  const ap_uint<32> magnitude =
      is_float ? ap_uint<32>(ap_uint<32>(fp32::Significand(f)) << 8) : Magnitude(x);
  ap_uint<6> places;
  const ap_uint<32> top = fp32::Normalise<32>(magnitude, places);
  const ap_uint<56> product = top * scale.significand;
  const bool high = product[55];
  const ap_uint<56> normal = high ? product : ap_uint<56>(product << 1);
  const ap_int<12> exponent = ap_int<12>(
      scale.exponent + (is_float ? ap_int<10>(fp32::Exponent(f) - 8) : ap_int<10>(0)) - places);
  fp32::Bits scaled =
      fp32::RoundNormalised<56>(negative, normal, ap_int<12>(exponent + 54 + ap_uint<1>(high)));
  const bool infinite = is_float && fp32::IsInfinite(f);
  if (infinite) {
    scaled = fp32::Infinity();
    scaled[31] = negative;
  }
  const bool nan = is_float && (fp32::IsNan(f) || (infinite && scale.significand == 0));
  return nan ? fp32::QuietNan() : scaled;
}

// Scaled FP32: fl(x·scale), times the channel's scale, plus its bias. What is neither activated nor
// encoded is clamped and leaves.
inline void ScaleFloat(hls::stream<ScaledWord>& in, hls::stream<Beat>& onward,
                       hls::stream<Beat>& out, Count words, Word mode, Word activation,
                       Word out_format, Word scale, Word lo, Word hi) {
  const bool is_float = mode == kScaledSums;
  const bool goes_on = IsEncoded(mode, activation, out_format);
  const Count total = MakesFloats(mode) ? words : Count(0);
  const fp32::Factor factor = fp32::Unpack(scale);
scale_float:
  for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    const ScaledWord word = in.read();
    const Beat values = word.range(kPortBits - 1, 0);
    const fp32::Factor channel_scale = fp32::Unpack(ShiftOrChannelScale(word));
    Beat result = 0;
    Beat clamped = 0;
  float_lanes:
    for (int l = 0; l < kLanes; ++l) {
#pragma HLS UNROLL
      const fp32::Factor scaled = fp32::Unpack(ScaleSum(Lane(values, l), factor, is_float));
      const fp32::Bits f = fp32::Add(fp32::Multiply(scaled, channel_scale), FloatBias(word));
      result.range(32 * l + 31, 32 * l) = f;
      clamped.range(32 * l + 31, 32 * l) = fp32::Clamp(f, lo, hi);
    }
    if (goes_on) {
      onward.write(result);
    } else {
      out.write(clamped);
    }
  }
}

}  // namespace gemm_config
