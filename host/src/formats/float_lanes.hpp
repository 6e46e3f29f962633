// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Lanes of a floating-point matrix as contiguous FP32, whatever its type and strides.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "narrowgate/quantize.hpp"

namespace narrowgate::internal {

/// Throws ShapeError for a size of 0, a null or misaligned pointer, or an extent beyond memory.
void check_float_view(const FloatView& view, const char* name);

class FloatLanes {
 public:
  /// `side` says what the lanes are: rows of an A, columns of a B.
  FloatLanes(const FloatView& matrix, Side side)
      : view_(side == Side::kA ? matrix : matrix.transposed()) {}

  std::size_t lanes() const { return view_.rows; }
  std::size_t depth() const { return view_.cols; }

  /// The same matrix with its lanes along its memory, where they may be that.
  FloatLanes as_they_lie() const;

  /// How many lanes, and how many elements of each, are best read together: whole lanes, or a
  /// multiple of `block` (0: any number) of each.
  struct Tile {
    std::size_t lanes;
    std::size_t depth;
  };
  Tile tile(std::size_t block) const;

  /// Elements begin … begin + depth − 1 of lanes first … first + lanes − 1, each lane contiguous.
  /// Points into the matrix where it can, else into `scratch`; lane i begins at data + i·pitch.
  struct Rows {
    const float* data;
    std::ptrdiff_t pitch;
  };
  Rows read(std::size_t first, std::size_t begin, Tile size, std::vector<float>& scratch) const;

 private:
  explicit FloatLanes(const FloatView& view) : view_(view) {}
  FloatView view_;  // lanes × depth
};

}  // namespace narrowgate::internal
