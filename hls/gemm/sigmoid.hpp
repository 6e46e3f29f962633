// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The logistic function in fixed point, as the epilogue's activations use it and the host's
// reference repeats it (docs/seams.md, section 12). u in [0, 16) has 22 bits after the point. Each
// of 512 segments of 1/32 has a parabola through the function at the segment's three Chebyshev
// nodes, which is off by at most (1/64)³·max|σ'''|/24 = 2.0e-8 = 2^-25.6.
#pragma once

namespace gemm_config {

constexpr int kSigmoidBits = 26;          // after the point of σ
constexpr int kSigmoidArgumentBits = 22;  // after the point of u
constexpr int kSigmoidRange = 4;          // u < 2^4: beyond, σ is 1, which is off by 1.1e-7
constexpr int kSegmentBits = 9;
constexpr int kSegmentRestBits = kSigmoidRange + kSigmoidArgumentBits - kSegmentBits;

// 2·√(2/π) and the same times 0.044715: GELU(x) = x·σ(u), u = x·(kGeluLinear + kGeluCubic·x²).
constexpr int kGeluLinearBits = 26;  // after the point
constexpr int kGeluCubicBits = 30;
constexpr long long kGeluLinear = 107090253;  // 1.5957691216057308 · 2^26
constexpr long long kGeluCubic = 76616651;    // 0.0713548162726 · 2^30
constexpr int kGeluRange = 3;                 // |x| < 2^3: beyond, u is more than 2^4
constexpr int kGeluSquareBits = 24;           // after the point of x²

// σ(segment + rest) = 1/2 + c0 + rest·(c1 − rest·c2), rest in [0, 1): one word of 64 bits,
// {c2, c1, c0} with so many bits each and after their points.
constexpr int kC0Bits = 25, kC0Point = kSigmoidBits;
constexpr int kC1Bits = 22, kC1Point = 28;
constexpr int kC2Bits = 17, kC2Point = 31;

// e^-x for x in [0, 17): 64 factors of a short series.
constexpr double ExpOfMinus(double x) {
  const double y = -x / 64;
  double term = 1, sum = 1;
  for (int i = 1; i < 16; ++i) {
    term = term * y / i;
    sum += term;
  }
  for (int i = 0; i < 6; ++i) sum *= sum;
  return sum;
}

constexpr double SigmoidAt(double u) { return 1 / (1 + ExpOfMinus(u)); }

constexpr unsigned long long FixedPoint(double value, int point) {
  return static_cast<unsigned long long>(value * static_cast<double>(1ull << point) + 0.5);
}

constexpr unsigned long long SigmoidSegment(int segment) {
  constexpr double kNode = 0.93301270189221932;  // (1 + cos(π/6)) / 2, the others ½ and 1 − kNode
  constexpr double kWidth = 1.0 / (1 << (kSegmentBits - kSigmoidRange));
  const double low = SigmoidAt((segment + 1 - kNode) * kWidth);
  const double middle = SigmoidAt((segment + 0.5) * kWidth);
  const double high = SigmoidAt((segment + kNode) * kWidth);
  // Newton's form around the middle node, then expanded.
  const double reach = kNode - 0.5;
  const double slope = (high - low) / (2 * reach);
  const double bend = (2 * middle - high - low) / (2 * reach * reach);  // ≥ 0: σ is concave here
  const double c2 = bend > 0 ? bend : 0;
  const double c1 = slope + c2;
  const double c0 = middle - slope / 2 - c2 / 4 - 0.5;
  return FixedPoint(c0, kC0Point) | FixedPoint(c1, kC1Point) << kC0Bits |
         FixedPoint(c2, kC2Point) << (kC0Bits + kC1Bits);
}

struct SigmoidTable {
  unsigned long long words[1 << kSegmentBits];
};

constexpr SigmoidTable MakeSigmoidTable() {
  SigmoidTable table{};
  for (int i = 0; i < 1 << kSegmentBits; ++i) table.words[i] = SigmoidSegment(i);
  return table;
}

constexpr SigmoidTable kSigmoid = MakeSigmoidTable();

}  // namespace gemm_config
