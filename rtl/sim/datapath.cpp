// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The C++ side of ng_mac_datapath.sv. Compiled with the geometry's macros, once per image.
#include <svdpi.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include "mac_model.hpp"

#ifndef NG_TILE_ROWS
#define NG_TILE_ROWS 32
#endif
#ifndef NG_LUT_ROWS
#define NG_LUT_ROWS 0
#endif
#ifndef NG_TILE_COLS
#define NG_TILE_COLS 32
#endif
#ifndef NG_PORT_BITS
#define NG_PORT_BITS 512
#endif

namespace {

// All rows, in every call: what those from NG_TILE_ROWS on have is asked for in kNibble calls only.
constexpr int kRows = NG_TILE_ROWS + NG_LUT_ROWS;
constexpr int kCols = NG_TILE_COLS;
constexpr int kLanes = NG_PORT_BITS / 32;
constexpr int kStages = 4;  // operands, products, aligned products: so many steps are under way

using Tile = mac_model::Tile<kRows, kCols>;

struct Operands {
  bool pad;  // not there: a window that is made up with nothing
  uint8_t a[kRows];
  uint8_t b[kCols];
};

// Zero-points of a block, which wait until its first word is summed.
struct ZeroPoints {
  int8_t a[kRows];
  int8_t b[kCols];
};

struct Datapath {
  mac_model::Product product{0, 0};
  Tile tile{0, 0, 0};
  Operands steps[kStages];
  unsigned loaded = 0, summed = 0;
  ZeroPoints zeros[kStages];
  unsigned zeros_loaded = 0, zeros_used = 0;
  bool second_half = false;  // of a kFloat step: it was summed with the first one
  uint32_t results[2][kRows * kCols];
};

Datapath& Get(void* datapath) { return *static_cast<Datapath*>(datapath); }

template <int kCount>
void Scales(const svBitVecVal* words, bool scaled, double* scales) {
  for (int i = 0; i < kCount; ++i) {
    if (!scaled) {
      scales[i] = 1.0;
      continue;
    }
    const unsigned bit = 36u * i, word = bit / 32, shift = bit % 32;
    uint64_t bits = words[word] >> shift;
    bits |= uint64_t{words[word + 1]} << (32 - shift);
    // 36 bits from bit 28 on would reach into a third word; they start at multiples of 4.
    scales[i] = mac_model::DecodeScale(bits & 0xFFFFFFFFFull);
  }
}

}  // namespace

extern "C" {

void* ng_datapath_new(int rows, int cols, int lanes, int lut_rows) {
  // A mismatch is a mistake of the build, found by the first test.
  if (rows != NG_TILE_ROWS || lut_rows != NG_LUT_ROWS || cols != kCols || lanes != kLanes) {
    std::abort();
  }
  return new Datapath;
}

void ng_datapath_delete(void* datapath) { delete static_cast<Datapath*>(datapath); }

void ng_datapath_start(void* datapath, int a_format, int b_format, int sum_exponent) {
  Datapath& self = Get(datapath);
  const auto a = static_cast<uint32_t>(a_format), b = static_cast<uint32_t>(b_format);
  self.product = mac_model::Product(a, b);
  self.tile = Tile(a, b, sum_exponent);
  self.loaded = self.summed = self.zeros_loaded = self.zeros_used = 0;
  self.second_half = false;
}

void ng_datapath_load(void* datapath, const svBitVecVal* a, const svBitVecVal* b) {
  Datapath& self = Get(datapath);
  Operands& step = self.steps[self.loaded++ % kStages];
  step.pad = false;
  std::memcpy(step.a, a, sizeof step.a);
  std::memcpy(step.b, b, sizeof step.b);
}

void ng_datapath_pad(void* datapath) {
  Datapath& self = Get(datapath);
  self.steps[self.loaded++ % kStages].pad = true;
}

void ng_datapath_zeros(void* datapath, const svBitVecVal* a, const svBitVecVal* b) {
  Datapath& self = Get(datapath);
  ZeroPoints& zeros = self.zeros[self.zeros_loaded++ % kStages];
  std::memcpy(zeros.a, a, sizeof zeros.a);
  std::memcpy(zeros.b, b, sizeof zeros.b);
}

void ng_datapath_sum(void* datapath, svBit first) {
  Datapath& self = Get(datapath);
  if (self.product.multiply_class == ng_formats::kFloat) {
    self.second_half = !self.second_half;
    if (!self.second_half) return;
  }
  const Operands& step = self.steps[self.summed++ % kStages];
  if (step.pad) return;
  const bool zeroed = first && (self.product.a_zeros || self.product.b_zeros);
  const ZeroPoints* zeros = zeroed ? &self.zeros[self.zeros_used++ % kStages] : nullptr;
  self.tile.Step(step.a, step.b, first != 0, zeros ? zeros->a : nullptr,
                 zeros ? zeros->b : nullptr);
}

void ng_datapath_copy(void* datapath, const svBitVecVal* a_scales, const svBitVecVal* b_scales,
                      svBit opening, svBit closing, svBit half) {
  Datapath& self = Get(datapath);
  double row_scales[kRows], col_scales[kCols];
  Scales<kRows>(a_scales, self.product.a_scaled, row_scales);
  Scales<kCols>(b_scales, self.product.b_scaled, col_scales);
  self.tile.EndBlock(row_scales, col_scales, opening != 0);
  if (closing) self.tile.Results(self.results[half & 1]);
}

void ng_datapath_send(void* datapath, svBit half, int word, svBitVecVal* value) {
  // Before the first reset the registers of the sequence may hold anything.
  constexpr unsigned kWords = kRows * kCols / kLanes;
  const unsigned index = static_cast<unsigned>(word) % kWords;
  std::memcpy(value, Get(datapath).results[half & 1] + index * kLanes, kLanes * sizeof(uint32_t));
}

}  // extern "C"
