// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What the processes hear of a call. read_queue cuts each descriptor (descriptor.hpp) into the
// records that they take, so that every process goes on to its next call by itself, while others
// still work on the one before.
#pragma once

#include "config.hpp"
#include "descriptor.hpp"

namespace gemm_config {

constexpr int kDescriptorBits = 32 * ng_descriptor::kNumWords;
constexpr int kDescriptorBeats = kDescriptorBits / kPortBits;
static_assert(kDescriptorBits % kPortBits == 0, "a descriptor is a whole number of beats");

typedef ap_uint<64> Offset;  // in beats, modulo 2^64
typedef ap_uint<kDescriptorBits> Descriptor;

// A factor of the product, and how its panels are walked: `groups` groups of `panels` panels, each
// wanted `replays` times in a row.
struct FactorCall {
  Word groups, panels, replays, k, format, other_format, block, blocks;
  Operand Own() const { return Operand(format, k, block, blocks); }
  Operand Other() const { return Operand(other_format, k, block, blocks); }
  Word PanelsSeen() const { return groups * panels * replays; }
};

// A factor, and where it is.
struct ReadCall {
  FactorCall factor;
  Offset first;
};

// What becomes of the sums.
struct ResultCall {
  ap_uint<1> is_tall;
  Word order, m_tiles, n_tiles, mode, scale, out_zero, clamp_lo, clamp_hi, out_format, activation,
      n;
  Count Words() const { return ResultWords(m_tiles, n_tiles, is_tall == 1); }
};

// The vector buffer of a call.
struct VectorCall {
  ap_uint<1> is_tall;
  Word order, m_tiles, n_tiles;
  Offset rows, records;
};

// The result of a call.
struct WriteCall {
  ap_uint<1> is_tall;
  Word m_tiles, n_tiles, out_format, n;
  Offset first;
};

// The array's record, a plain word because the array is RTL (rtl/mac_array.hpp).
typedef ap_uint<7 * 32> ArrayCall;

inline Word Field(const Descriptor& d, int word) { return d.range(32 * word + 31, 32 * word); }
inline Offset Place(const Descriptor& d, int word) { return d.range(32 * word + 63, 32 * word); }

inline FactorCall FactorOf(const Descriptor& d, bool is_a) {
  const Word m_tiles = Field(d, ng_descriptor::kMTiles);
  const Word n_tiles = Field(d, ng_descriptor::kNTiles);
  const Word own = is_a ? m_tiles : n_tiles;
  // By rows A's panels are groups of their own, by columns B's.
  const bool is_outer = (Field(d, ng_descriptor::kOrder) == ng_descriptor::kByRows) == is_a;
  FactorCall call;
  call.groups = is_outer ? own : Word(1);
  call.panels = is_outer ? Word(1) : own;
  call.replays = is_a ? n_tiles : m_tiles;
  call.k = Field(d, ng_descriptor::kK);
  call.format = Field(d, is_a ? ng_descriptor::kAFormat : ng_descriptor::kBFormat);
  call.other_format = Field(d, is_a ? ng_descriptor::kBFormat : ng_descriptor::kAFormat);
  call.block = Field(d, ng_descriptor::kBlock);
  call.blocks = Field(d, ng_descriptor::kBlocks);
  return call;
}

inline ReadCall ReadOf(const Descriptor& d, bool is_a) {
  ReadCall call;
  call.factor = FactorOf(d, is_a);
  call.first = Place(d, is_a ? ng_descriptor::kA : ng_descriptor::kB);
  return call;
}

inline ap_uint<1> TallOf(const Descriptor& d) {
  const Operand a(Field(d, ng_descriptor::kAFormat), 0, 0, 0);
  const Operand b(Field(d, ng_descriptor::kBFormat), 0, 0, 0);
  return ap_uint<1>(IsTall(a, b));
}

inline ResultCall ResultOf(const Descriptor& d) {
  ResultCall call;
  call.is_tall = TallOf(d);
  call.order = Field(d, ng_descriptor::kOrder);
  call.m_tiles = Field(d, ng_descriptor::kMTiles);
  call.n_tiles = Field(d, ng_descriptor::kNTiles);
  call.mode = Field(d, ng_descriptor::kMode);
  call.scale = Field(d, ng_descriptor::kScale);
  call.out_zero = Field(d, ng_descriptor::kOutZero);
  call.clamp_lo = Field(d, ng_descriptor::kClampLo);
  call.clamp_hi = Field(d, ng_descriptor::kClampHi);
  call.out_format = Field(d, ng_descriptor::kOutFormat);
  call.activation = Field(d, ng_descriptor::kActivation);
  call.n = Field(d, ng_descriptor::kN);
  return call;
}

inline VectorCall VectorsOf(const Descriptor& d) {
  VectorCall call;
  call.is_tall = TallOf(d);
  call.order = Field(d, ng_descriptor::kOrder);
  call.m_tiles = Field(d, ng_descriptor::kMTiles);
  call.n_tiles = Field(d, ng_descriptor::kNTiles);
  call.rows = Place(d, ng_descriptor::kV);
  call.records = Place(d, ng_descriptor::kRecords);
  return call;
}

inline WriteCall WriteOf(const Descriptor& d) {
  WriteCall call;
  call.is_tall = TallOf(d);
  call.m_tiles = Field(d, ng_descriptor::kMTiles);
  call.n_tiles = Field(d, ng_descriptor::kNTiles);
  call.out_format = Field(d, ng_descriptor::kOutFormat);
  call.n = Field(d, ng_descriptor::kN);
  call.first = Place(d, ng_descriptor::kC);
  return call;
}

// {sum_exponent, block, b_format, a_format, n_tiles, m_tiles, k}
inline ArrayCall ArrayOf(const Descriptor& d) {
  ArrayCall call = 0;
  call.range(31, 0) = Field(d, ng_descriptor::kK);
  call.range(63, 32) = Field(d, ng_descriptor::kMTiles);
  call.range(95, 64) = Field(d, ng_descriptor::kNTiles);
  call.range(127, 96) = Field(d, ng_descriptor::kAFormat);
  call.range(159, 128) = Field(d, ng_descriptor::kBFormat);
  call.range(191, 160) = Field(d, ng_descriptor::kBlock);
  call.range(223, 192) = Field(d, ng_descriptor::kSumExponent);
  return call;
}

}  // namespace gemm_config
