// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Takes panels apart into elements, scales and zero-points, and decodes the scales
// (docs/seams.md, section 11).
#pragma once

#include "config.hpp"

namespace gemm_config {

// A block's scales as they are stored, in 32 bits a slot: codes of one byte, or binary32.
template <int kPanelLanes>
using StoredScales = ap_uint<32 * Panel<kPanelLanes>::kSlots>;

// Scales as the array takes them: significand in bits 0…23, signed exponent in 24…33, NaN in 34,
// sign in 35.
constexpr int kDecodedScaleBits = 36;
template <int kPanelLanes>
using DecodedScales = ap_uint<kDecodedScaleBits * kPanelLanes>;

// One zero-point a lane, signed.
template <int kPanelLanes>
using Zeros = ap_uint<8 * kPanelLanes>;

// Beats of scales and zero-points that stand before a block, or before the blocks that share them.
template <int kPanelLanes>
inline ap_uint<8> OwnScaleBeats(const Operand& operand) {
  const int kFp32 = Panel<kPanelLanes>::kFp32Beats;
  return operand.HasByteScales() ? 1 : operand.HasZeros() ? kFp32 + 1 : kFp32;
}

// Parts the beats of `panels` panels: elements, and scales with zero-points.
template <int kPanelLanes>
inline void Split(hls::stream<PanelBeat<kPanelLanes>>& in,
                  hls::stream<PanelBeat<kPanelLanes>>& elements,
                  hls::stream<PanelBeat<kPanelLanes>>& scales, Word panels,
                  const Operand& operand) {
  typedef Panel<kPanelLanes> Lanes;
  const Count total = Count(panels) * PanelBeats<kPanelLanes>(operand);
  if (!operand.HasScales()) {
  pass_elements:
    for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
      elements.write(in.read());
    }
  } else {
    const bool byte_scales = operand.HasByteScales();
    const Word full_beats = ElementBeats<kPanelLanes>(operand, operand.block);
    const Word tail_beats = ElementBeats<kPanelLanes>(operand, operand.Tail());
    const ap_uint<8> own_beats = OwnScaleBeats<kPanelLanes>(operand);

    ap_uint<8> scale_left = own_beats;                                // beats of scales to come
    Word beats_left = operand.blocks == 1 ? tail_beats : full_beats;  // of this block's elements
    ap_uint<8> shared_left = Lanes::kBlocksPerBeat;  // blocks whose scales have come
    Word blocks_left = operand.blocks;               // with this one
  split:
    for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
      const PanelBeat<kPanelLanes> beat = in.read();
      if (scale_left != 0) {
        scales.write(beat);
        --scale_left;
      } else {
        elements.write(beat);
        const bool block_end = beats_left == 1;
        --beats_left;
        if (block_end) {
          const bool panel_end = blocks_left == 1;
          const bool used_up = panel_end || shared_left == 1;
          scale_left = !byte_scales || used_up ? own_beats : ap_uint<8>(0);
          shared_left = used_up ? ap_uint<8>(Lanes::kBlocksPerBeat) : ap_uint<8>(shared_left - 1);
          const bool to_last = panel_end ? operand.blocks == 1 : blocks_left == 2;
          beats_left = to_last ? tail_beats : full_beats;
          blocks_left = panel_end ? operand.blocks : Word(blocks_left - 1);
        }
      }
    }
  }
}

inline ap_uint<kDecodedScaleBits> PackScale(bool negative, bool nan, ap_int<10> exponent,
                                            ap_uint<24> significand) {
  ap_uint<kDecodedScaleBits> packed = significand;
  packed.range(33, 24) = ap_uint<10>(exponent);
  packed[34] = nan;
  packed[35] = negative;
  return packed;
}

// One scale: 2^(code − 127), UE4M3, or binary32 (whose infinities count as NaN).
inline ap_uint<kDecodedScaleBits> DecodeScale(ap_uint<8> code, ap_uint<32> bits, ap_uint<4> kind) {
  const ap_uint<4> field4 = code.range(6, 3);
  const ap_uint<4> exponent4 = field4 == 0 ? ap_uint<4>(1) : field4;
  ap_uint<24> significand4 = code.range(2, 0);
  significand4[3] = field4 != 0;
  const ap_uint<8> field32 = bits.range(30, 23);
  const ap_uint<8> exponent32 = field32 == 0 ? ap_uint<8>(1) : field32;
  ap_uint<24> significand32 = bits.range(22, 0);
  significand32[23] = field32 != 0;
  if (kind == ng_formats::kE8m0) {
    return PackScale(false, code == 0xFF, ap_int<10>(ap_int<10>(code) - 127), 1);
  }
  if (kind == ng_formats::kUe4m3) {
    return PackScale(false, code.range(6, 0) == ap_uint<7>(0x7F), ap_int<10>(exponent4) - 10,
                     significand4);
  }
  return PackScale(bits[31], field32 == 0xFF, ap_int<10>(ap_int<10>(exponent32) - 150),
                   significand32);
}

// The scales and zero-points of every block of the `panels` panels that the array sees, decoded.
template <int kPanelLanes>
inline void DecodeScales(hls::stream<PanelBeat<kPanelLanes>>& in,
                         hls::stream<DecodedScales<kPanelLanes>>& scales,
                         hls::stream<Zeros<kPanelLanes>>& zeros, Word panels,
                         const Operand& operand) {
  typedef Panel<kPanelLanes> Lanes;
  const bool byte_scales = operand.HasByteScales();
  const bool has_zeros = operand.HasZeros();
  const ap_uint<4> kind = operand.Scale();
  const ap_uint<8> own_beats = OwnScaleBeats<kPanelLanes>(operand);
  const Count words = Count(panels) * operand.blocks;
  const Count turns = byte_scales ? words : Count(words * own_beats);  // one a beat, or a block
  const Count total = operand.HasScales() ? turns : Count(0);

  StoredScales<kPanelLanes> held = 0;  // the beat of byte scales at hand, or the block's own ones
  ap_uint<8> left = own_beats;         // turns of this block
  bool block_end = own_beats == 1;
  ap_uint<3> used = 0;  // blocks whose scales have been taken from `held`
  bool wants_beat = true;
  EagerCycle block(operand.blocks);
decode_scales:
  for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    if (wants_beat) {
      const PanelBeat<kPanelLanes> beat = in.read();
      if (has_zeros & block_end) {
        zeros.write(beat.range(8 * kPanelLanes - 1, 0));
      } else {
        // Of FP32 scales the first beat ends up lowest.
        const StoredScales<kPanelLanes> wide = beat;
        const int kOlderBits = 32 * Lanes::kSlots - Lanes::kBits;
        const StoredScales<kPanelLanes> longer =
            kOlderBits == 0 ? wide
                            : StoredScales<kPanelLanes>((wide << kOlderBits) |
                                                        (held >> (kOlderBits ? Lanes::kBits : 0)));
        held = byte_scales ? wide : longer;
      }
    }
    if (block_end) {
      ap_uint<8 * Lanes::kSlots> bytes = held.range(8 * Lanes::kSlots - 1, 0);
    pick_block:
      for (int b = 1; b < Lanes::kBlocksPerBeat; ++b) {
#pragma HLS UNROLL
        const int low = 8 * Lanes::kSlots * b;
        if (used == b) bytes = held.range(low + 8 * Lanes::kSlots - 1, low);
      }
      DecodedScales<kPanelLanes> decoded = 0;
    scale_lanes:
      for (int l = 0; l < kPanelLanes; ++l) {
#pragma HLS UNROLL
        decoded.range(kDecodedScaleBits * l + kDecodedScaleBits - 1, kDecodedScaleBits * l) =
            DecodeScale(bytes.range(8 * l + 7, 8 * l), held.range(32 * l + 31, 32 * l), kind);
      }
      scales.write(decoded);
      const bool used_up = block.last | (used == Lanes::kBlocksPerBeat - 1);
      wants_beat = !byte_scales | used_up;
      used = used_up ? ap_uint<3>(0) : ap_uint<3>(used + 1);
      block.Next();
    }
    const bool next_ends = own_beats == 1 || left == 2;
    left = block_end ? own_beats : ap_uint<8>(left - 1);
    block_end = next_ends;
  }
}

}  // namespace gemm_config
