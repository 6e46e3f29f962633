// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Takes panels apart into elements, scales and zero-points, and decodes the scales
// (docs/seams.md, section 11).
#pragma once

#include "config.hpp"

namespace gemm_config {

// A block's scales as they are stored, in 32 bits a lane: codes of one byte, or binary32.
template <int kPanelLanes>
using StoredScales = ap_uint<32 * kPanelLanes>;

// Scales as the array takes them: significand in bits 0…23, signed exponent in 24…33, NaN in 34,
// sign in 35.
constexpr int kDecodedScaleBits = 36;
template <int kPanelLanes>
using DecodedScales = ap_uint<kDecodedScaleBits * kPanelLanes>;

// One zero-point a lane, signed.
template <int kPanelLanes>
using Zeros = ap_uint<8 * kPanelLanes>;

// Sends the beats of elements on; before the first beat of a block its scales and zero-points.
template <int kPanelLanes>
inline void Split(hls::stream<Beat>& in, hls::stream<Beat>& elements,
                  hls::stream<StoredScales<kPanelLanes>>& scales,
                  hls::stream<Zeros<kPanelLanes>>& zeros, Word panels, const Operand& operand) {
  typedef ScaleBeats<kPanelLanes> Scales;
  const Count total = Count(panels) * PanelBeats<kPanelLanes>(operand);
  if (!operand.HasScales()) {
  pass_elements:
    for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
      elements.write(in.read());
    }
  } else {
    const int kOlderBits = Scales::kFp32 == 1 ? 0 : kPortBits;
    const bool byte_scales = operand.HasByteScales();
    const bool has_zeros = operand.HasZeros();
    const Word full_beats = ElementBeats<kPanelLanes>(operand, operand.block);
    const Word tail_beats = ElementBeats<kPanelLanes>(operand, operand.Tail());
    const ap_uint<8> own_beats = byte_scales ? 1 : has_zeros ? Scales::kFp32 + 1 : Scales::kFp32;

    StoredScales<kPanelLanes> held = 0;                               // scales of this block lowest
    ap_uint<8> scale_left = own_beats;                                // beats of scales to come
    Word beats_left = operand.blocks == 1 ? tail_beats : full_beats;  // of this block's elements
    bool block_start = true;                          // no element of this block has come
    ap_uint<8> shared_left = Scales::kBlocksPerBeat;  // blocks whose scales are held
    Word blocks_left = operand.blocks;                // with this one
  split:
    for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
      const Beat beat = in.read();
      if (scale_left != 0) {
        const bool is_zeros = has_zeros && scale_left == 1;
        if (is_zeros) {
          zeros.write(beat.range(8 * kPanelLanes - 1, 0));
        } else if (byte_scales) {
          held = StoredScales<kPanelLanes>(beat);
        } else {
          // The first beat ends up lowest.
          held = (StoredScales<kPanelLanes>(beat) << (32 * kPanelLanes - kPortBits)) |
                 (Scales::kFp32 == 1 ? StoredScales<kPanelLanes>(0)
                                     : StoredScales<kPanelLanes>(held >> kOlderBits));
        }
        --scale_left;
      } else {
        elements.write(beat);
        if (block_start) {
          scales.write(held);
        }
        const bool block_end = beats_left == 1;
        block_start = block_end;
        --beats_left;
        if (block_end) {
          const bool panel_end = blocks_left == 1;
          const bool used_up = panel_end || shared_left == 1;
          scale_left = !byte_scales || used_up ? own_beats : ap_uint<8>(0);
          shared_left = used_up ? ap_uint<8>(Scales::kBlocksPerBeat) : ap_uint<8>(shared_left - 1);
          held = held >> (8 * kPanelLanes);
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

// The scales of every block of every panel that the array sees.
template <int kPanelLanes>
inline void DecodeScales(hls::stream<StoredScales<kPanelLanes>>& in,
                         hls::stream<DecodedScales<kPanelLanes>>& out, Word panels,
                         const Operand& operand) {
  const Count words = Count(panels) * operand.blocks;
  const Count total = operand.HasScales() ? words : Count(0);
  const ap_uint<4> kind = operand.Scale();
decode_scales:
  for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    const StoredScales<kPanelLanes> stored = in.read();
    DecodedScales<kPanelLanes> decoded = 0;
  scale_lanes:
    for (int l = 0; l < kPanelLanes; ++l) {
#pragma HLS UNROLL
      decoded.range(kDecodedScaleBits * l + kDecodedScaleBits - 1, kDecodedScaleBits * l) =
          DecodeScale(stored.range(8 * l + 7, 8 * l), stored.range(32 * l + 31, 32 * l), kind);
    }
    out.write(decoded);
  }
}

}  // namespace gemm_config
