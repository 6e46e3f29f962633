// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Strided views over the caller's memory. A view owns nothing: the memory must stay valid, and an
// output's untouched by others, for as long as the call that was given the view says.
// Element (r, c) is element number r·row_stride + c·col_stride of `data`; strides are counted in
// elements and may be negative, and for inputs zero (a broadcast row or column).
#pragma once

#include <cstddef>
#include <cstdint>

#include "narrowgate/format.hpp"

namespace narrowgate {

/// How the elements of an operand lie in memory.
enum class Storage : std::uint8_t {
  kBytes,    ///< one byte an element; INT4 as int8 values -8..7, UINT4 as uint8 values 0..15
  kNibbles,  ///< 4-bit formats only: element e is nibble e mod 2 of byte e / 2, low nibble first
};

/// A read-only rows × cols matrix of narrow numbers: A is M×K, B is K×N.
struct MatrixView {
  const void* data = nullptr;
  Format format = Format::kInt8;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::ptrdiff_t row_stride = 0;
  std::ptrdiff_t col_stride = 1;
  Storage storage = Storage::kBytes;

  /// C order: rows one after the other, `ld` elements apart (cols when 0).
  static MatrixView row_major(const void* data, Format format, std::size_t rows, std::size_t cols,
                              std::size_t ld = 0) {
    return {data, format, rows, cols, static_cast<std::ptrdiff_t>(ld ? ld : cols), 1};
  }
  /// Fortran order: columns one after the other, `ld` elements apart (rows when 0).
  static MatrixView col_major(const void* data, Format format, std::size_t rows, std::size_t cols,
                              std::size_t ld = 0) {
    return {data, format, rows, cols, 1, static_cast<std::ptrdiff_t>(ld ? ld : rows)};
  }
  /// The same view over packed 4-bit elements.
  MatrixView nibbles() const {
    MatrixView view = *this;
    view.storage = Storage::kNibbles;
    return view;
  }
  /// The transposed matrix, over the same memory.
  MatrixView transposed() const {
    return {data, format, cols, rows, col_stride, row_stride, storage};
  }
};

/// A writable M×N matrix of results. No two elements may share memory (ShapeError).
struct OutputView {
  void* data = nullptr;
  OutputFormat format = OutputFormat::kInt32;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::ptrdiff_t row_stride = 0;
  std::ptrdiff_t col_stride = 1;

  static OutputView row_major(std::int32_t* data, std::size_t rows, std::size_t cols,
                              std::size_t ld = 0) {
    return row_major(data, OutputFormat::kInt32, rows, cols, ld);
  }
  static OutputView row_major(std::int8_t* data, std::size_t rows, std::size_t cols,
                              std::size_t ld = 0) {
    return row_major(data, OutputFormat::kInt8, rows, cols, ld);
  }
  static OutputView row_major(std::uint8_t* data, std::size_t rows, std::size_t cols,
                              std::size_t ld = 0) {
    return row_major(data, OutputFormat::kUint8, rows, cols, ld);
  }
  static OutputView row_major(float* data, std::size_t rows, std::size_t cols, std::size_t ld = 0) {
    return row_major(data, OutputFormat::kFloat32, rows, cols, ld);
  }
  /// For code that knows the format only at run time; `data` must be aligned for it.
  static OutputView row_major(void* data, OutputFormat format, std::size_t rows, std::size_t cols,
                              std::size_t ld = 0) {
    return {data, format, rows, cols, static_cast<std::ptrdiff_t>(ld ? ld : cols), 1};
  }
  static OutputView col_major(void* data, OutputFormat format, std::size_t rows, std::size_t cols,
                              std::size_t ld = 0) {
    return {data, format, rows, cols, 1, static_cast<std::ptrdiff_t>(ld ? ld : rows)};
  }
};

}  // namespace narrowgate
