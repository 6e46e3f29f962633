// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What the reference keeps of a matrix: its codes in plain order and its scales as numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "narrowgate/gemm.hpp"

namespace narrowgate::internal {

struct DenseMatrix {
  Format format = Format::kInt8;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::vector<std::uint8_t> codes;  ///< rows one after the other; INT4 with its sign extended

  // Where the format has scales: entry b·lanes + l belongs to block b of lane l.
  std::size_t lanes = 0;
  std::vector<double> scales;  ///< exact: E8M0, UE4M3 and FP32 are all numbers of a double
  std::vector<std::uint8_t> zeros;
};

/// Throws ValueRangeError for an element, scale or zero-point outside its format's range.
DenseMatrix to_dense(Side side, const MatrixView& matrix);

/// The value of every code of a format's elements, from the fields of the format's table.
struct ElementTable {
  explicit ElementTable(Format format);

  double value[256];          ///< NaN and infinities included
  std::int16_t integer[256];  ///< value / 2^lsb where that is small: all but E3M2, E4M3, E5M2
  bool is_special[256] = {};  ///< NaN or infinite
};

}  // namespace narrowgate::internal
