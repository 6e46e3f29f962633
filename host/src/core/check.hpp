// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What can be refused before any hardware is touched. Each function throws the typed error.
#pragma once

#include <cstdint>

#include "narrowgate/gemm.hpp"

namespace narrowgate::internal {

class OperandImpl;

/// Sizes, zero-points, the bound on K, and the epilogue's own consistency.
void check_problem(const Problem& problem);

/// That the view describes memory: no null pointer, no size of 0, storage and scales that fit the
/// format. `name` is "A" or "B".
void check_matrix(const MatrixView& matrix, const char* name);

/// For element (r, c) of A or B, which holds `value`.
[[noreturn]] void throw_out_of_range(const FormatInfo& format, Side side, int value, std::size_t r,
                                     std::size_t c);

/// That a size is 1 to 2^31 - 1.
void check_size(const char* name, std::size_t value);

/// That `c` is the M×N matrix that `problem` makes, and that its elements do not overlap.
void check_output(const OutputView& c, const Problem& problem);

/// That `c` is an operand of the shape and format that `problem` makes.
void check_result(const OperandImpl& c, const Problem& problem);

/// The bounds of a requantised result: the output's range narrowed by clamp and ReLU.
struct Bounds {
  std::int32_t lo;
  std::int32_t hi;
};
Bounds output_bounds(const RequantEpilogue& epilogue);

/// The scale of channel `n` in fixed point: given, or made from the real scale.
FixedPoint channel_fixed_point(const RequantEpilogue& epilogue, std::size_t n);

}  // namespace narrowgate::internal
