// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Formats of the operands and of the result: one table each, from which every width, range and
// code in the library is derived. Thread safety: everything here is constant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace narrowgate {

/// How an operand is encoded. The names and numbers of all of them come from one table, shared with
/// the kernel (hls/formats/formats.hpp).
enum class Format : std::uint8_t {
  // Plain elements.
  kInt8,
  kUint8,
  kInt4,
  kUint4,
  kE2m1,  ///< "fp4_e2m1"; floating-point elements are bit patterns
  kE2m3,  ///< "fp6_e2m3"
  kE3m2,  ///< "fp6_e3m2"
  kE4m3,  ///< "fp8_e4m3"
  kE5m2,  ///< "fp8_e5m2"
  // Elements in blocks along K that share a scale (BlockScales in matrix.hpp).
  kMxfp8E4m3,
  kMxfp8E5m2,
  kMxfp6E2m3,
  kMxfp6E3m2,
  kMxfp4,
  kMxint8,
  kNvfp4,
  kInt8Group,   ///< integers with an FP32 scale for each group of as many as the matrix says
  kInt4Group,   ///< the same with 4 bits
  kUint4Group,  ///< the same with an unsigned zero-point for each group
  kE4m3Group,   ///< FP8 with an FP32 scale for each group; not on cards
  kE5m2Group,
};

/// What a block's scale is.
enum class ScaleKind : std::uint8_t {
  kNone,
  kE8m0,        ///< one byte: 2^(code − 127), 0xFF is NaN
  kUe4m3,       ///< one byte: E4M3 without sign, 0x7F is NaN
  kFp32,        ///< a float
  kFp32AndZero  ///< a float, and a zero-point that is subtracted from the block's codes
};

/// Which codes of a floating-point element are not finite numbers.
enum class Specials : std::uint8_t {
  kNone,
  kNanOnly,         ///< all ones below the sign is NaN; no infinity
  kInfinityAndNan,  ///< as in IEEE 754
};

/// What there is to know of an operand format. An integer element is its own value. A
/// floating-point code is {sign, exponent, mantissa}: with e = max(exponent, 1) its value is
/// ±(hidden + mantissa·2^−mantissa_bits)·2^(e − bias), hidden being 0 for exponent 0 and else 1.
/// What a matrix stands for is value · 2^element_exponent · scale of the block · tensor scale.
///
/// On the card an integer element travels as the signed integer `code - offset`, and lanes outside
/// the matrix hold `pad_code`, the code that the array sees as 0.
struct FormatInfo {
  Format format;
  std::string_view name;  ///< as the command line and the image's metadata spell it: "int8"
  std::uint32_t code;     ///< the kernel's argument a_format / b_format
  int bits;               ///< width of an element in a packed panel
  bool is_signed;         ///< two's complement; false for floating point, whose sign is a bit
  int min;                ///< smallest element as Storage::kBytes holds it; 0 for bit patterns
  int max;                ///< largest; of integers, zero-points lie in min..max as well
  int offset;             ///< subtracted at the edge of the array: 0, 128 or 8
  std::uint8_t pad_code;

  Format element;     ///< the plain format of the elements; `format` itself for a plain one
  bool is_float;      ///< elements are bit patterns of the fields that follow
  int exponent_bits;  ///< 0 for integers, like the next two
  int mantissa_bits;
  int bias;
  Specials specials;
  int emax;      ///< exponent of the largest finite element: floor(log2(largest))
  int max_code;  ///< code of the largest finite element
  int lsb;       ///< every finite element is an integer times 2^lsb
  ScaleKind scale;
  std::size_t block;     ///< elements along K that share a scale; 0: none, or the matrix says
  int element_exponent;  ///< −6 for MXINT8, otherwise 0
  bool tensor_scale;     ///< the format defines an FP32 scale of the whole tensor as well (NVFP4)
  std::string_view source;

  bool has_scales() const { return scale != ScaleKind::kNone; }
  /// By groups, whose length is the matrix's choice.
  bool is_group() const { return has_scales() && block == 0; }
  bool is_plain_integer() const { return !has_scales() && !is_float; }
};

/// The table, in the order of the enumerators.
std::span<const FormatInfo> formats() noexcept;

/// The row of the table for `format`.
const FormatInfo& info(Format format) noexcept;

/// The format called `name` ("int8", "mxfp4", "nvfp4", ...).
/// Throws UnsupportedError naming the formats that there are.
Format parse_format(std::string_view name);

/// A format with the length of its blocks.
struct BlockedFormat {
  Format format = Format::kInt8;
  std::size_t block = 0;  ///< elements along K; 0 for formats without scales
  friend bool operator==(const BlockedFormat&, const BlockedFormat&) = default;
};

/// A format as users name it: one of the table's names, or groups with their length:
/// "int4_g128", "uint4_g64", "fp8_e4m3_g128" (1 to 2³¹−1; "int4_group" and so on mean 32).
/// Throws UnsupportedError.
BlockedFormat parse_blocked_format(std::string_view name);
/// The name that parse_blocked_format() reads.
std::string to_string(BlockedFormat format);

/// How the result is stored. The MX formats have blocks of 32 elements along N, so that the result
/// is an A whose blocks run along its K.
enum class OutputFormat : std::uint8_t {
  kInt32,
  kInt8,
  kUint8,
  kFloat32,
  kBf16,
  kE4m3,
  kE5m2,
  kMxfp8E4m3,
  kMxfp8E5m2,
  kMxfp6E2m3,
  kMxfp6E3m2,
  kMxfp4,
  kMxint8,
};

struct OutputFormatInfo {
  OutputFormat format;
  std::string_view name;  ///< "int32", "float32", and otherwise the element's or operand's name
  std::size_t bytes;      ///< of one element in the caller's memory
  std::int32_t min;       ///< saturation range of plain INT8 and UINT8
  std::int32_t max;
  std::uint32_t code;  ///< argument out_format of the kernel (docs/seams.md, section 12)
  bool is_mx;          ///< has E8M0 scales
  Format operand;      ///< MX: the format of an A that holds the same numbers
};

std::span<const OutputFormatInfo> output_formats() noexcept;
const OutputFormatInfo& info(OutputFormat format) noexcept;
OutputFormat parse_output_format(std::string_view name);

}  // namespace narrowgate
