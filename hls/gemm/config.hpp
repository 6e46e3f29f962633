// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Geometry and codes of the gemm kernel. The image manifest sets the NG_* macros; everything else
// here, in the RTL and on the host derives from them (docs/seams.md).
#pragma once

#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

#include "formats/formats.hpp"

#ifndef NG_TILE_ROWS
#define NG_TILE_ROWS 32
#endif
#ifndef NG_TILE_COLS
#define NG_TILE_COLS 32
#endif
#ifndef NG_LUT_ROWS
#define NG_LUT_ROWS 0
#endif
#ifndef NG_PORT_BITS
#define NG_PORT_BITS 512
#endif
#ifndef NG_A_BUFFER_BEATS
#define NG_A_BUFFER_BEATS 1024
#endif
#ifndef NG_B_BUFFER_BEATS
#define NG_B_BUFFER_BEATS 1024
#endif

namespace gemm_config {

constexpr int kRows = NG_TILE_ROWS;               // rows of A, and of C, in a tile
constexpr int kTallRows = kRows + NG_LUT_ROWS;    // in one of two 4-bit operands
constexpr int kCols = NG_TILE_COLS;               // columns of B, and of C, in a tile
constexpr int kPortBits = NG_PORT_BITS;           // width of a memory port: one beat
constexpr int kABufferBeats = NG_A_BUFFER_BEATS;  // one half of A's double buffer
constexpr int kBBufferBeats = NG_B_BUFFER_BEATS;  // one half of B's

// The same for its scales, if so many beats are of elements: blocks of 32 nibbles have 1/16 of E8M0
// scales, and 1/4 of FP32 scales, which an image of powers of two alone does not hold.
#ifdef NG_POWER_SCALES
constexpr int ScaleBeats(int beats) { return beats / 16; }
#else
constexpr int ScaleBeats(int beats) { return beats / 4; }
#endif

constexpr int kLanes = kPortBits / 32;           // int32 results that the epilogue finishes a cycle
constexpr int kWordsPerColumn = kRows / kLanes;  // epilogue words in one column of a tile
constexpr int kTallWordsPerColumn = kTallRows / kLanes;
constexpr int kRecordBits = 128;  // one column record of the vector buffer
constexpr int kRecordsPerBeat = kPortBits / kRecordBits;
constexpr int kRecordBeats = kCols / kRecordsPerBeat;   // column records of a tile, in beats
constexpr int kRowTermDepth = 2 * kTallWordsPerColumn;  // of the stream of row terms
constexpr int kRecordDepth = kRecordBeats < 16 ? 16 : kRecordBeats;  // … of column records

static_assert(kRows % kLanes == 0 && kTallRows % kLanes == 0,
              "a column of a tile is a whole number of epilogue words");
static_assert(kCols % kRecordsPerBeat == 0, "column records fill whole beats");
static_assert((kCols * kWordsPerColumn) % 4 == 0 && (kCols * kTallWordsPerColumn) % 4 == 0,
              "an 8-bit tile is a whole number of beats");

// Epilogues as argument mode carries them (docs/seams.md, section 4).
enum Mode {
  kRawInt32 = 0,
  kOnnx = 1,
  kGemmlowp = 2,
  kTflite = 3,
  kFloat32 = 4,    // of int32 sums
  kScaledSums = 5  // of FP32 sums
};

// What FP32 results go through before they are stored, as argument activation carries it (section
// 12).
enum Activation { kNoActivation = 0, kGelu = 1, kSilu = 2 };

// Panels of kPanelLanes rows of A or columns of B. A step has a power of two of slots, the first of
// which are its lanes; a beat of a panel is one of the memory port, or more if a step of 8-bit
// codes needs them.
constexpr int Slots(int lanes) { return lanes <= 1 ? 1 : 2 * Slots((lanes + 1) / 2); }
template <int kPanelLanes>
struct Panel {
  static constexpr int kSlots = Slots(kPanelLanes);
  static constexpr int kBits = 8 * kSlots > kPortBits ? 8 * kSlots : kPortBits;
  static constexpr int kPortBeats = kBits / kPortBits;
  // Blocks whose one-byte scales share a beat, and the beats of a block's scales of 32 bits.
  static constexpr int kBlocksPerBeat = kBits / (8 * kSlots);
  static constexpr int kFp32Beats = 32 * kSlots / kBits;
  static_assert(kBits % kPortBits == 0, "a beat of a panel is whole beats of the port");
  static_assert(32 * kSlots % kBits == 0, "FP32 scales fill whole beats");
};
template <int kPanelLanes>
using PanelBeat = ap_uint<Panel<kPanelLanes>::kBits>;

// A's panels have the lanes of a tall tile; in another one's panels the last lanes are empty slots.
static_assert(Slots(kRows) == Slots(kTallRows), "A's panels have as many slots in every call");

// MX results are panels of A, which the result's words make up only if they have no gaps.
constexpr bool kMakesMx = Panel<kRows>::kSlots == kRows && Panel<kRows>::kPortBeats == 1;

typedef ap_uint<kPortBits> Beat;

// A beat more of something that comes in beats, the first one lowest: the last one is highest.
template <typename Wide>
inline Wide Append(const Wide& so_far, const Beat& beat) {
  const int kOlderBits = Wide::width - kPortBits;
  if (kOlderBits == 0) return Wide(beat);
  return (Wide(beat) << kOlderBits) | Wide(so_far >> kPortBits);
}

typedef ap_uint<32> Word;
typedef ap_uint<48> Count;  // trip counts of whole calls: tiles · K stays below 2^48
typedef hls::burst_maxi<Beat> Memory;

// Words in a column of a tile's results, which are also the beats of its row terms.
inline Word WordsPerColumn(bool is_tall) {
  return Word(is_tall ? kTallWordsPerColumn : kWordsPerColumn);
}
inline Count ResultWords(Word m_tiles, Word n_tiles, bool is_tall) {
  return Count(m_tiles * n_tiles) *
         (is_tall ? kCols * kTallWordsPerColumn : kCols * kWordsPerColumn);
}

// The modes whose results are FP32 before they are stored.
inline bool MakesFloats(Word mode) { return mode == kFloat32 || mode == kScaledSums; }

// Whether FP32 results are activated or encoded, or leave as they are (clamped).
inline bool IsEncoded(Word mode, Word activation, Word out_format) {
  return MakesFloats(mode) &&
         (activation != kNoActivation || out_format != ng_formats::kFp32Output);
}

// What travels through the epilogue: one word of kLanes values of a column, and its column record
// without the term that has been added: {float_bias, shift_or_channel_scale, multiplier, values}.
constexpr int kScaleBits = 96;
typedef ap_uint<kPortBits + kScaleBits> ScaledWord;

// Counts down from n to 1 and starts again: one comparison with a constant, so that a nest of
// counters is no longer than one of them.
struct Cycle {
  Word count;
  Word left;
  explicit Cycle(Word n) : count(n), left(n) {}
  bool Last() const { return left == 1; }
  void Next() { left = Last() ? count : Word(left - 1); }
};

// The same, which knows a turn ahead whether it is at its last one: for the longest loop-carried
// paths.
struct EagerCycle {
  Word count, left;
  bool last, single;
  explicit EagerCycle(Word n) : count(n), left(n), last(n == 1), single(n == 1) {}
  void Next() {
    const bool to_last = left == 2;
    left = last ? count : Word(left - 1);
    last = last ? single : to_last;
  }
};

// Counts down from n to 0, and knows a turn ahead whether something is left.
struct Countdown {
  Word left;
  bool some;
  explicit Countdown(Word n) : left(n), some(n != 0) {}
  void Next() {
    some = left != 1;
    --left;
  }
};

// An operand's format and blocks, as the arguments say it (docs/seams.md, section 11).
struct Operand {
  Word format;
  Word k;
  Word block;   // steps of k in a block
  Word blocks;  // in a panel; the last one holds what is left of k
  Operand(Word format_code, Word steps, Word block_steps, Word num_blocks)
      : format(format_code), k(steps), block(block_steps), blocks(num_blocks) {}

  ap_uint<8> Element() const { return format.range(7, 0); }
  ap_uint<4> Scale() const { return format.range(11, 8); }
  bool HasScales() const { return Scale() != ng_formats::kNoScale; }
  bool HasZeros() const { return Scale() == ng_formats::kFp32AndZero; }
  bool HasByteScales() const {
    return Scale() == ng_formats::kE8m0 || Scale() == ng_formats::kUe4m3;
  }
  bool IsFourBit() const {
    return Element() == ng_formats::kInt4 || Element() == ng_formats::kUint4 ||
           Element() == ng_formats::kE2m1;
  }
  bool IsSixBit() const { return Element() == ng_formats::kE2m3 || Element() == ng_formats::kE3m2; }
  Word Tail() const { return k - (blocks - 1) * block; }  // steps of the last block
};

// The class of a product (hls/formats/formats.hpp).
inline bool IsFloatElement(ap_uint<8> element) { return element >= ng_formats::kE3m2; }
inline bool IsFloatProduct(const Operand& x, const Operand& y) {
  return IsFloatElement(x.Element()) || IsFloatElement(y.Element());
}
inline bool IsNibbleProduct(const Operand& x, const Operand& y) {
  return x.IsFourBit() && y.IsFourBit() && !x.HasZeros() && !y.HasZeros();
}
// Its tiles have kTallRows rows.
inline bool IsTall(const Operand& x, const Operand& y) {
  return kTallRows != kRows && IsNibbleProduct(x, y);
}

// Beats of the elements of a block of so many steps.
template <int kPanelLanes>
inline Word ElementBeats(const Operand& operand, Word steps) {
  typedef Panel<kPanelLanes> Lanes;
  const int steps8 = Lanes::kBits / (8 * Lanes::kSlots);
  const int steps4 = Lanes::kBits / (4 * Lanes::kSlots);
  const int halves6 = Lanes::kBits / (2 * Lanes::kSlots);  // 2 bits of every slot
  if (operand.IsFourBit()) return (steps + steps4 - 1) / steps4;
  if (operand.IsSixBit()) return (3 * steps + halves6 - 1) / halves6;
  return (steps + steps8 - 1) / steps8;
}

// Beats of the elements of one panel, and of its scales and zero-points.
template <int kPanelLanes>
inline Word PanelElementBeats(const Operand& operand) {
  return (operand.blocks - 1) * ElementBeats<kPanelLanes>(operand, operand.block) +
         ElementBeats<kPanelLanes>(operand, operand.Tail());
}
template <int kPanelLanes>
inline Word PanelScaleBeats(const Operand& operand) {
  typedef Panel<kPanelLanes> Lanes;
  const Word shared = (operand.blocks + Lanes::kBlocksPerBeat - 1) / Lanes::kBlocksPerBeat;
  const Word own = operand.blocks * Word(Lanes::kFp32Beats + (operand.HasZeros() ? 1 : 0));
  return !operand.HasScales() ? Word(0) : operand.HasByteScales() ? shared : own;
}
template <int kPanelLanes>
inline Word PanelBeats(const Operand& operand) {
  return PanelElementBeats<kPanelLanes>(operand) + PanelScaleBeats<kPanelLanes>(operand);
}

}  // namespace gemm_config
