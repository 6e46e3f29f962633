// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Element formats of the operands and of the result: one table each, from which every width,
// range and code in the library is derived. Thread safety: everything here is constant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace narrowgate {

/// How one element of an operand is encoded.
enum class Format : std::uint8_t { kInt8, kUint8, kInt4, kUint4 };

/// What there is to know of an operand format. `value = code` for these integer formats; on the
/// card an element travels as the signed integer `code - offset`, and lanes outside the matrix
/// hold `pad_code`, the code that the array sees as 0 (so pad_code = offset).
struct FormatInfo {
  Format format;
  std::string_view name;  ///< as the command line and the image's metadata spell it: "int8"
  std::uint32_t code;     ///< the kernel's argument a_format / b_format
  int bits;               ///< width of an element in a packed panel
  bool is_signed;
  int min;     ///< smallest value
  int max;     ///< largest value; zero-points lie in min..max as well
  int offset;  ///< subtracted at the edge of the array: 0, 128 or 8
  std::uint8_t pad_code;
};

/// The table, in the order of the enumerators.
std::span<const FormatInfo> formats() noexcept;

/// The row of the table for `format`.
const FormatInfo& info(Format format) noexcept;

/// The format called `name` ("int8", "uint8", "int4", "uint4").
/// Throws UnsupportedError naming the formats that there are.
Format parse_format(std::string_view name);

/// How one element of the result is stored.
enum class OutputFormat : std::uint8_t { kInt32, kInt8, kUint8, kFloat32 };

struct OutputFormatInfo {
  OutputFormat format;
  std::string_view name;  ///< "int32", "int8", "uint8", "float32"
  std::size_t bytes;      ///< of one element
  std::int32_t min;       ///< saturation range of the 8-bit formats
  std::int32_t max;
};

std::span<const OutputFormatInfo> output_formats() noexcept;
const OutputFormatInfo& info(OutputFormat format) noexcept;
OutputFormat parse_output_format(std::string_view name);

}  // namespace narrowgate
