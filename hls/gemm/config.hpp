// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Geometry and codes of the gemm kernel. The image manifest sets the NG_* macros; everything else
// here, in the RTL and on the host derives from them (docs/seams.md).
#pragma once

#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

#ifndef NG_TILE_ROWS
#define NG_TILE_ROWS 32
#endif
#ifndef NG_TILE_COLS
#define NG_TILE_COLS 32
#endif
#ifndef NG_PORT_BITS
#define NG_PORT_BITS 512
#endif
#ifndef NG_BUFFER_BEATS
#define NG_BUFFER_BEATS 1024
#endif

namespace gemm_config {

constexpr int kRows = NG_TILE_ROWS;            // rows of A, and of C, in a tile
constexpr int kCols = NG_TILE_COLS;            // columns of B, and of C, in a tile
constexpr int kPortBits = NG_PORT_BITS;        // width of a memory port: one beat
constexpr int kBufferBeats = NG_BUFFER_BEATS;  // one half of an operand's double buffer

constexpr int kLanes = kPortBits / 32;           // int32 results that the epilogue finishes a cycle
constexpr int kWordsPerColumn = kRows / kLanes;  // epilogue words in one column of a tile
constexpr int kRecordBits = 128;                 // one column record of the vector buffer
constexpr int kRecordsPerBeat = kPortBits / kRecordBits;
constexpr int kRecordBeats = kCols / kRecordsPerBeat;  // column records of a tile, in beats
constexpr int kRowTermBeats = kRows / kLanes;          // row terms of a tile, in beats

static_assert(kRows % kLanes == 0, "a column of a tile is a whole number of epilogue words");
static_assert(kPortBits % (8 * kRows) == 0, "a beat is a whole number of steps of A");
static_assert(kPortBits % (8 * kCols) == 0, "a beat is a whole number of steps of B");
static_assert(kCols % kRecordsPerBeat == 0, "column records fill whole beats");
static_assert((kCols * kWordsPerColumn) % 4 == 0, "an 8-bit tile is a whole number of beats");

// Element formats as arguments a_format and b_format carry them (docs/seams.md, section 5).
enum Format { kInt8 = 0, kUint8 = 1, kInt4 = 2, kUint4 = 3 };

// Epilogues as argument mode carries them (docs/seams.md, section 4).
enum Mode { kRawInt32 = 0, kOnnx = 1, kGemmlowp = 2, kTflite = 3, kFloat32 = 4 };

typedef ap_uint<kPortBits> Beat;
typedef ap_uint<32> Word;
typedef ap_uint<48> Count;  // trip counts of whole calls: tiles · K stays below 2^48
typedef hls::burst_maxi<Beat> Memory;

// What travels through the epilogue: one word of kLanes values of a column, and its column record
// without the term that has been added: {float_bias, shift_or_channel_scale, multiplier, values}.
constexpr int kScaleBits = 96;
typedef ap_uint<kPortBits + kScaleBits> ScaledWord;

inline bool IsFourBit(Word format) { return format == kInt4 || format == kUint4; }
inline bool IsUnsigned(Word format) { return format == kUint8 || format == kUint4; }

// Counts down from n to 1 and starts again: one comparison with a constant, so that a nest of
// counters is no longer than one of them.
struct Cycle {
  Word count;
  Word left;
  explicit Cycle(Word n) : count(n), left(n) {}
  bool Last() const { return left == 1; }
  void Next() { left = Last() ? count : Word(left - 1); }
};

// Beats of one panel: ceil(k / steps per beat). Both counts are powers of two.
template <int kPanelLanes>
inline Word PanelBeats(Word k, Word format) {
  const int steps8 = kPortBits / (8 * kPanelLanes);
  const int steps4 = kPortBits / (4 * kPanelLanes);
  return IsFourBit(format) ? Word((k + steps4 - 1) / steps4) : Word((k + steps8 - 1) / steps8);
}

}  // namespace gemm_config
