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
  kBytes,    ///< one byte an element; INT4 as int8 values -8..7, UINT4 as uint8 values 0..15,
             ///< floating-point elements of 4 or 6 bits in the low bits, the others 0
  kNibbles,  ///< 4-bit formats only: element e is nibble e mod 2 of byte e / 2, low nibble first
};

/// The scales of a matrix whose elements share them in blocks. Blocks run along K; a lane is a row
/// of A or a column of B. The scale of block j of lane l, which holds elements j·block …
/// (j+1)·block − 1 of the lane, is number l·lane_stride + j·block_stride of `data`. The last block
/// of a lane may be shorter.
struct BlockScales {
  /// uint8 codes for E8M0 and UE4M3, float for the integer groups (finite or NaN, any sign).
  const void* data = nullptr;
  std::ptrdiff_t lane_stride = 0;
  std::ptrdiff_t block_stride = 1;
  /// kUint4Group only: zero-points 0..15, laid out like the scales. Null: 8 everywhere, the middle
  /// of the range (GPTQ's and AWQ's symmetric weights). value = scale · (code − zero).
  const std::uint8_t* zeros = nullptr;
  /// Elements in a block. Integer groups must say it; otherwise 0 or the format's own length. A
  /// format without scales may name the block of an operand that it will meet: see pack().
  std::size_t block = 0;
  /// Scale of the whole matrix: the result is multiplied by both operands' (FloatEpilogue).
  float tensor_scale = 1.0F;
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
  BlockScales scales{};

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
  /// Elements along K in a block, as the format or `scales` say; 0 for all of them.
  std::size_t block() const { return info(format).block != 0 ? info(format).block : scales.block; }
  /// The same view with scales.
  MatrixView with(const BlockScales& block_scales) const {
    MatrixView view = *this;
    view.scales = block_scales;
    return view;
  }
  /// The transposed matrix, over the same memory. Lanes stay lanes: what were the rows of an A are
  /// then the columns of a B.
  MatrixView transposed() const {
    return {data, format, cols, rows, col_stride, row_stride, storage, scales};
  }
};

/// Blocks in a row of an MX result.
constexpr std::size_t mx_blocks(std::size_t cols) { return (cols + 31) / 32; }

/// A writable M×N matrix of results. No two elements may share memory (ShapeError).
struct OutputView {
  void* data = nullptr;
  OutputFormat format = OutputFormat::kInt32;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::ptrdiff_t row_stride = 0;
  std::ptrdiff_t col_stride = 1;
  /// MX formats only: E8M0 codes. That of columns 32·j … 32·j + 31 of row r is number
  /// r·scale_row_stride + j·scale_block_stride.
  std::uint8_t* scales = nullptr;
  std::ptrdiff_t scale_row_stride = 0;
  std::ptrdiff_t scale_block_stride = 1;

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
  /// An MX format: one byte an element, and mx_blocks(cols) scales for each row, both without gaps.
  static OutputView mx(std::uint8_t* codes, std::uint8_t* scales, OutputFormat format,
                       std::size_t rows, std::size_t cols) {
    OutputView view = row_major(static_cast<void*>(codes), format, rows, cols);
    view.scales = scales;
    view.scale_row_stride = static_cast<std::ptrdiff_t>(mx_blocks(cols));
    return view;
  }
};

}  // namespace narrowgate
