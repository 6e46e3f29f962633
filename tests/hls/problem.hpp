// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A random GEMM in the kernel's own terms (docs/seams.md, sections 1 to 5 and 11): the three packed
// buffers, the scalar arguments, and the expected result, each written the slow, obvious way.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/formats.hpp"

namespace narrowgate::testing {

enum class Format : uint32_t { kInt8 = 0, kUint8 = 1, kInt4 = 2, kUint4 = 3 };
enum class Mode : uint32_t {
  kRaw = 0,
  kOnnx = 1,
  kGemmlowp = 2,
  kTflite = 3,
  kFloat32 = 4,
  kScaledSums = 5
};

struct Geometry {
  int rows = 32;
  int cols = 32;
  int port_bits = 512;
  int lut_rows = 0;  // rows more of a tile where both operands have 4-bit codes

  Geometry For(bool both_four_bits) const {
    return {rows + (both_four_bits ? lut_rows : 0), cols, port_bits, 0};
  }
};

// A panel keeps a power of two of slots for each step, and its beats hold a step of bytes.
inline int Slots(int lanes) {
  int slots = 1;
  while (slots < lanes) slots *= 2;
  return slots;
}
inline int PanelBeatBits(const Geometry& geometry, int lanes) {
  const int step = 8 * Slots(lanes);
  return step > geometry.port_bits ? step : geometry.port_bits;
}

struct Shape {
  int m = 1, n = 1, k = 1;
  Format a_format = Format::kInt8, b_format = Format::kInt8;
  Mode mode = Mode::kRaw;
  bool unsigned_output = false;  // of the requantising modes
};

struct Problem {
  Shape shape;
  Geometry geometry;
  uint32_t m_tiles = 0, n_tiles = 0;
  uint32_t order = 0;  // of the tiles (hls/gemm/descriptor.hpp)
  uint32_t a_format = 0, b_format = 0;
  uint32_t scale = 0, out_zero = 0, clamp_lo = 0, clamp_hi = 0;
  uint32_t out_format = ng_formats::kInt32Output;
  uint32_t block = 0, blocks = 1, sum_exponent = 0;
  std::vector<uint8_t> a, b, v;   // packed operands and the vector buffer
  std::vector<uint8_t> expected;  // the packed result, pad lanes included
};

// Full-range data: every code equally likely, the extremes often. Equal seeds, equal problems.
Problem MakeProblem(const Shape& shape, const Geometry& geometry, uint64_t seed);

// The same problem by columns of tiles. Not for MX results.
Problem ByColumns(Problem by_rows);

// An operand with scales, or of a floating-point element (section 11).
struct BlockFormat {
  ng_formats::ElementCode element = ng_formats::kInt8;
  ng_formats::ScaleCode scale = ng_formats::kNoScale;
};

struct BlockShape {
  int m = 1, n = 1, k = 1;
  BlockFormat a, b;
  int block = 32;     // 0: all of k
  bool wild = false;  // NaNs, infinities, and scales of the whole range
  // Of the result: FP32, a plain element, or an MX block format.
  int output = ng_formats::kFp32Output;
  bool mx_output = false;
};

// The same for FP32 sums.
Problem MakeBlockProblem(const BlockShape& shape, const Geometry& geometry, uint64_t seed);
std::string Describe(const BlockShape& shape, uint64_t seed);

// "m=33 n=7 k=65 a=2 b=0 mode=1 seed=9": what a failing test prints.
std::string Describe(const Shape& shape, uint64_t seed);

}  // namespace narrowgate::testing
