// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "reference/dense_matrix.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "core/check.hpp"
#include "core/scales.hpp"

namespace narrowgate::internal {
namespace {

/// The byte that holds element (r, c): as stored, or a nibble extended.
std::uint8_t code_at(const MatrixView& matrix, std::size_t r, std::size_t c) {
  const std::ptrdiff_t e = static_cast<std::ptrdiff_t>(r) * matrix.row_stride +
                           static_cast<std::ptrdiff_t>(c) * matrix.col_stride;
  const auto* bytes = static_cast<const std::uint8_t*>(matrix.data);
  if (matrix.storage == Storage::kBytes) return bytes[e];
  // >> rounds downwards, so this holds for negative e too.
  const int nibble = (e & 1) != 0 ? bytes[e >> 1] >> 4 : bytes[e >> 1] & 15;
  const bool negative = info(matrix.format).is_signed && nibble >= 8;
  return static_cast<std::uint8_t>(negative ? nibble - 16 : nibble);
}

std::uint8_t checked(const FormatInfo& format, std::uint8_t byte, Side side, std::size_t r,
                     std::size_t c) {
  const int value = format.is_signed ? static_cast<std::int8_t>(byte) : byte;
  if (value >= format.min && value <= format.max) return byte;
  throw_out_of_range(format, side, value, r, c);
}

/// The value of a floating-point code with the given fields.
double decode(const FormatInfo& f, int code) {
  const int mantissa_mask = (1 << f.mantissa_bits) - 1;
  const int exponent_mask = (1 << f.exponent_bits) - 1;
  const int mantissa = code & mantissa_mask;
  const int exponent = code >> f.mantissa_bits & exponent_mask;
  const double sign = (code >> (f.bits - 1) & 1) != 0 ? -1.0 : 1.0;
  if (f.specials != Specials::kNone && exponent == exponent_mask) {
    const bool is_ieee = f.specials == Specials::kInfinityAndNan;
    if (is_ieee && mantissa == 0) return sign * std::numeric_limits<double>::infinity();
    if (is_ieee || mantissa == mantissa_mask) return std::numeric_limits<double>::quiet_NaN();
  }
  const int hidden = exponent == 0 ? 0 : 1 << f.mantissa_bits;
  return sign * std::ldexp(hidden + mantissa, std::max(exponent, 1) - f.bias - f.mantissa_bits);
}

double scale_at(const ScaleReader& reader, const ElementTable& e4m3, std::size_t lane,
                std::size_t block) {
  switch (reader.kind()) {
    case ScaleKind::kE8m0: {
      const int code = reader.code(lane, block);
      return code == 0xFF ? std::numeric_limits<double>::quiet_NaN() : std::ldexp(1.0, code - 127);
    }
    case ScaleKind::kUe4m3:
      return e4m3.value[reader.code(lane, block)];
    default:
      return static_cast<double>(reader.number(lane, block));
  }
}

void read_scales(Side side, const MatrixView& matrix, DenseMatrix& dense) {
  const ScaleReader reader(side, matrix);
  reader.check();
  const ElementTable e4m3(Format::kE4m3);
  dense.lanes = reader.lanes();
  for (std::size_t block = 0; block < reader.blocks(); ++block) {
    for (std::size_t lane = 0; lane < reader.lanes(); ++lane) {
      dense.scales.push_back(scale_at(reader, e4m3, lane, block));
      if (reader.kind() == ScaleKind::kFp32AndZero) {
        dense.zeros.push_back(static_cast<std::uint8_t>(reader.zero(lane, block)));
      }
    }
  }
}

}  // namespace

ElementTable::ElementTable(Format format) {
  const FormatInfo& f = info(format);
  for (int code = 0; code < 256; ++code) {
    value[code] = f.is_float    ? decode(f, code & ((1 << f.bits) - 1))
                  : f.is_signed ? static_cast<std::int8_t>(code)
                                : code;
    is_special[code] = !std::isfinite(value[code]);
    const double steps = std::ldexp(value[code], -f.lsb);
    integer[code] = std::abs(steps) < 256 ? static_cast<std::int16_t>(steps) : std::int16_t{0};
  }
}

DenseMatrix to_dense(Side side, const MatrixView& matrix) {
  check_matrix(matrix, side == Side::kA ? "A" : "B");
  const FormatInfo& format = info(matrix.format);
  DenseMatrix dense{matrix.format, matrix.rows, matrix.cols, {}, 0, {}, {}};
  dense.codes.reserve(matrix.rows * matrix.cols);
  for (std::size_t r = 0; r < matrix.rows; ++r) {
    for (std::size_t c = 0; c < matrix.cols; ++c) {
      dense.codes.push_back(checked(format, code_at(matrix, r, c), side, r, c));
    }
  }
  if (format.has_scales()) read_scales(side, matrix, dense);
  return dense;
}

}  // namespace narrowgate::internal
