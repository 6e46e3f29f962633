// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Cuts the beats of elements into the words that the array takes: the codes of one step of k, or of
// two where both operands have 4-bit codes (docs/seams.md, section 11). The array decodes them.
#pragma once

#include "config.hpp"

namespace gemm_config {

template <int kPanelLanes>
using Codes = ap_uint<8 * kPanelLanes>;

// Where a panel's walk is: words left in the block, blocks left in the panel.
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

// What has been read of a block and not used, lowest first. Words have 4, 3 or 2 units of 2 bits a
// lane; only those of 3 leave 1 or 2 units of a beat. When the next beat is wanted, and how many
// words it will give, is counted ahead, which keeps the loop-carried logic short.
template <int kPanelLanes, int kWordUnits>
struct Rest {
  static constexpr int kBits = Panel<kPanelLanes>::kBits;
  static constexpr int kUnit = 2 * Panel<kPanelLanes>::kSlots;  // bits
  static constexpr int kUnits = kBits / kUnit;
  static constexpr int kWords = kUnits / kWordUnits;  // of a beat when nothing is left over
  static constexpr int kOver = kUnits % kWordUnits;   // units that it leaves then
  typedef ap_uint<kBits + 2 * kUnit> Bits;
  typedef ap_uint<2> Units;
  typedef ap_uint<6> Words;
  Bits bits;
  Units left_over;  // units in `bits` when the beat at hand was, or is to be, added
  Words to_come;    // of this beat, after the word at hand
  bool wants_beat;
  Rest() : bits(0), left_over(0), to_come(kWords - 1), wants_beat(true) {}

  // The next word's bits are the lowest.
  void Add(PanelBeat<kPanelLanes> beat) {
    const Bits wide = beat;
    bits = kOver == 0 || left_over == 0 ? wide
           : left_over == 1             ? Bits(bits | Bits(wide << kUnit))
                                        : Bits(bits | Bits(wide << (2 * kUnit)));
  }
  void Take(bool block_end) {
    bits = bits >> (kWordUnits * kUnit);
    // What this beat leaves when it is used up, and whether that completes one more word.
    const Units after = left_over == 0   ? Units(kOver)
                        : left_over == 1 ? Units((kOver + 1) % kWordUnits)
                                         : Units((kOver + 2) % kWordUnits);
    const bool one_more = after + kOver >= kWordUnits;
    const bool used_up = to_come == 0;
    wants_beat = block_end || used_up;
    to_come = block_end ? Words(kWords - 1)
              : used_up ? (one_more ? Words(kWords) : Words(kWords - 1))
                        : Words(to_come - 1);
    left_over = block_end ? Units(0) : used_up ? after : left_over;
  }
};

// A word of the array: the lanes of a step, or of two steps of 4-bit codes, without the slots that
// no lane has.
template <int kPanelLanes, typename Bits>
inline Codes<kPanelLanes> ToWord(const Bits& bits, bool pairs) {
  const int kHalf = 4 * kPanelLanes, kHalfSlots = 4 * Panel<kPanelLanes>::kSlots;
  Codes<kPanelLanes> word = bits.range(2 * kHalf - 1, 0);
  if (kHalf != kHalfSlots && pairs) {
    word.range(2 * kHalf - 1, kHalf) = bits.range(kHalfSlots + kHalf - 1, kHalfSlots);
  }
  return word;
}

template <int kPanelLanes, int kWordUnits>
inline void CutWords(hls::stream<PanelBeat<kPanelLanes>>& beats,
                     hls::stream<Codes<kPanelLanes>>& words, Count total, BlockWalk walk,
                     bool pairs) {
  Rest<kPanelLanes, kWordUnits> rest;
cut:
  for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    if (rest.wants_beat) rest.Add(beats.read());
    words.write(ToWord<kPanelLanes>(rest.bits, pairs));
    rest.Take(walk.BlockEnds());
    walk.Next();
  }
}

// Cuts `panels` panels for the product with an operand of format `other`. A block begins with a
// fresh beat; what is left of the last one is dropped.
template <int kPanelLanes>
inline void Cut(hls::stream<PanelBeat<kPanelLanes>>& beats, hls::stream<Codes<kPanelLanes>>& words,
                Word panels, const Operand& operand, const Operand& other) {
  const bool pairs = IsNibbleProduct(operand, other);
  const Word full_words = pairs ? Word((operand.block + 1) >> 1) : operand.block;
  const Word tail_words = pairs ? Word((operand.Tail() + 1) >> 1) : operand.Tail();
  const Count total = Count(panels) * ((operand.blocks - 1) * full_words + tail_words);
  const BlockWalk walk(full_words, tail_words, operand.blocks);
  if (operand.IsSixBit()) {
    CutWords<kPanelLanes, 3>(beats, words, total, walk, false);
  } else if (operand.IsFourBit() && !pairs) {
    CutWords<kPanelLanes, 2>(beats, words, total, walk, false);
  } else {
    CutWords<kPanelLanes, 4>(beats, words, total, walk, pairs);
  }
}

}  // namespace gemm_config
