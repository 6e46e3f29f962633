// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The quantisers as one would explain them on a blackboard: values in double, lists of all codes,
// one number after the other. Written against docs/formats.md and the specifications, without the
// product's table, so that a slip there shows here.
#pragma once

#include <cstdint>
#include <narrowgate/quantize.hpp>
#include <string>
#include <vector>

namespace narrowgate::testing {

/// A floating-point element by its three numbers.
struct ReferenceElement {
  const char* name;
  int exponent_bits;
  int mantissa_bits;
  int bias;
  double max;
  enum { kNone, kNan, kInfinity } specials;

  int bits() const { return 1 + exponent_bits + mantissa_bits; }
  /// Magnitudes of the codes 0, 1, 2, … up to the largest finite one.
  std::vector<double> magnitudes() const;
};

/// The five narrow elements: E2M1, E2M3, E3M2, E4M3, E5M2.
const std::vector<ReferenceElement>& reference_elements();
/// The one that a format is made of, or null for integers.
const ReferenceElement* reference_element(Format format);

/// Rounds to the nearest code by walking along all codes.
class ReferenceEncoder {
 public:
  explicit ReferenceEncoder(const ReferenceElement& element);
  std::uint8_t encode(float value, bool saturate) const;

 private:
  const ReferenceElement& element_;
  std::vector<double> magnitudes_;  // and one more: what would come next
};

/// Rounds to an integer, ties to even.
double round_to_even(double value);

/// A matrix of FP32 in row-major order, quantised as quantize() promises to.
QuantizedMatrix reference_quantize(const std::vector<float>& values, std::size_t rows,
                                   std::size_t cols, Side side, BlockedFormat format,
                                   const QuantizeOptions& options);

/// The numbers that it stands for.
std::vector<float> reference_dequantize(const QuantizedMatrix& matrix);

}  // namespace narrowgate::testing
