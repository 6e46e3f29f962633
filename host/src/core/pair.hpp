// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What the product of two formats is: how it is summed, in which blocks, and what the sums are
// multiplied by (docs/seams.md section 11).
#pragma once

#include <cstdint>

#include "formats/formats.hpp"
#include "narrowgate/gemm.hpp"

namespace narrowgate::internal {

struct Pair {
  ng_formats::MultiplyClass multiply_class;
  bool plain_integers;  ///< zero-points of the whole matrix, every epilogue
  bool int32_sums;      ///< one int32 sum over all of K; otherwise FP32 sums of scaled blocks
  int sum_exponent;     ///< of the exact sums' unit
};
Pair pair_of(Format a, Format b);

/// The elements of a matrix as the array multiplies them: integers times 2^lsb.
struct ElementRange {
  std::int64_t lo;
  std::int64_t hi;
};
ElementRange element_range(Format format, std::int32_t zero);

/// Significant bits of a format's scales.
int scale_bits(Format format);

/// The zero-point that a matrix must have in a product that is not of plain integers alone: the one
/// that leaves what the array sees as it is.
std::int32_t neutral_zero(Format format);

/// Elements of K in a block of the problem's sums: K itself when neither operand has scales. Throws
/// ShapeError when the operands' blocks differ.
std::size_t block_of(const Problem& problem);

/// The scale of the whole product in FP32: fl(fl(tensor scale of A · tensor scale of B) · the
/// epilogue's), times the unit of the int32 sums where these are not of integers.
float output_scale(const Problem& problem, const FloatEpilogue& epilogue);

/// Steps of a block of floating-point elements whose exact sum, times both scales, has at most 127
/// bits, as round_to_float() takes.
std::size_t max_float_block(Format a, Format b);

/// MACs a cycle of an array of `cells` at most.
std::uint64_t peak_macs(Format a, Format b, std::size_t block, std::uint64_t cells);

}  // namespace narrowgate::internal
