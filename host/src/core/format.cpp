// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate/format.hpp"

#include <array>
#include <charconv>
#include <string>

#include "formats/formats.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate {
namespace {

using ng_formats::BlockFormat;
using ng_formats::Element;

// Operands are every element but BF16, and then every block format.
constexpr int kPlainFormats = ng_formats::kBf16;
constexpr int kAllFormats = kPlainFormats + ng_formats::kNumBlockFormats;

// The enumerators follow the shared table, so that casts lead from one to the other.
static_assert(static_cast<int>(Format::kInt8) == ng_formats::kInt8);
static_assert(static_cast<int>(Format::kE2m1) == ng_formats::kE2m1);
static_assert(static_cast<int>(Format::kE5m2) == ng_formats::kE5m2);
static_assert(static_cast<int>(Format::kMxfp8E4m3) == kPlainFormats + ng_formats::kMxfp8E4m3);
static_assert(static_cast<int>(Format::kNvfp4) == kPlainFormats + ng_formats::kNvfp4);
static_assert(static_cast<int>(Format::kUint4Group) == kPlainFormats + ng_formats::kUint4Group);
static_assert(static_cast<int>(Format::kE5m2Group) == kPlainFormats + ng_formats::kE5m2Group);
static_assert(static_cast<int>(ScaleKind::kE8m0) == ng_formats::kE8m0);
static_assert(static_cast<int>(ScaleKind::kFp32AndZero) == ng_formats::kFp32AndZero);
static_assert(static_cast<int>(Specials::kInfinityAndNan) == ng_formats::kInfinityAndNan);

constexpr FormatInfo plain(int code) {
  const Element& e = ng_formats::kElements[code];
  const bool is_float = e.exponent_bits != 0;
  const bool is_signed = e.is_signed && !is_float;
  FormatInfo f{};
  f.format = f.element = static_cast<Format>(code);
  f.name = e.name;
  f.code = static_cast<std::uint32_t>(code);
  f.bits = e.bits;
  f.is_signed = is_signed;
  f.min = is_signed ? -(1 << (e.bits - 1)) : 0;
  f.max = is_signed ? (1 << (e.bits - 1)) - 1 : (1 << e.bits) - 1;
  f.offset = is_signed || is_float ? 0 : 1 << (e.bits - 1);
  f.pad_code = static_cast<std::uint8_t>(f.offset);
  f.is_float = is_float;
  f.exponent_bits = e.exponent_bits;
  f.mantissa_bits = e.mantissa_bits;
  f.bias = e.bias;
  f.specials = static_cast<Specials>(e.specials);
  f.emax = e.emax;
  f.max_code = e.max_code;
  f.lsb = e.lsb;
  f.source = e.source;
  return f;
}

constexpr FormatInfo blocked(int code) {
  const BlockFormat& b = ng_formats::kBlockFormats[code];
  FormatInfo f = plain(b.element);
  f.format = static_cast<Format>(kPlainFormats + code);
  f.name = b.name;
  f.code |= static_cast<std::uint32_t>(b.scale) << 8;
  f.scale = static_cast<ScaleKind>(b.scale);
  f.block = static_cast<std::size_t>(b.block);
  f.element_exponent = b.element_exponent;
  f.tensor_scale = b.tensor_scale;
  f.source = b.source;
  return f;
}

constexpr std::array<FormatInfo, kAllFormats> make_formats() {
  std::array<FormatInfo, kAllFormats> all{};
  for (int i = 0; i < kAllFormats; ++i) {
    all[static_cast<std::size_t>(i)] = i < kPlainFormats ? plain(i) : blocked(i - kPlainFormats);
  }
  return all;
}

constexpr std::array<FormatInfo, kAllFormats> kFormats = make_formats();

constexpr std::size_t kDefaultGroup = 32;

constexpr OutputFormatInfo element_output(OutputFormat format, int element, std::size_t bytes,
                                          std::int32_t min = 0, std::int32_t max = 0) {
  return {format, ng_formats::kElements[element].name, bytes, min,
          max,    static_cast<std::uint32_t>(element), false, Format::kInt8};
}

constexpr OutputFormatInfo mx_output(OutputFormat format, Format operand) {
  const FormatInfo& f = kFormats[static_cast<std::size_t>(operand)];
  return {format, f.name, 1, 0, 0, f.code, true, operand};
}

constexpr OutputFormatInfo kOutputFormats[] = {
    {OutputFormat::kInt32, "int32", 4, INT32_MIN, INT32_MAX, ng_formats::kInt32Output, false,
     Format::kInt8},
    element_output(OutputFormat::kInt8, ng_formats::kInt8, 1, -128, 127),
    element_output(OutputFormat::kUint8, ng_formats::kUint8, 1, 0, 255),
    {OutputFormat::kFloat32, "float32", 4, 0, 0, ng_formats::kFp32Output, false, Format::kInt8},
    element_output(OutputFormat::kBf16, ng_formats::kBf16, 2),
    element_output(OutputFormat::kE4m3, ng_formats::kE4m3, 1),
    element_output(OutputFormat::kE5m2, ng_formats::kE5m2, 1),
    mx_output(OutputFormat::kMxfp8E4m3, Format::kMxfp8E4m3),
    mx_output(OutputFormat::kMxfp8E5m2, Format::kMxfp8E5m2),
    mx_output(OutputFormat::kMxfp6E2m3, Format::kMxfp6E2m3),
    mx_output(OutputFormat::kMxfp6E3m2, Format::kMxfp6E3m2),
    mx_output(OutputFormat::kMxfp4, Format::kMxfp4),
    mx_output(OutputFormat::kMxint8, Format::kMxint8),
};

template <typename Table>
auto parse(const Table& table, std::string_view name, const char* what) {
  std::string known;
  for (const auto& row : table) {
    if (row.name == name) return row.format;
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  throw UnsupportedError("unknown " + std::string(what) + " '" + std::string(name) +
                         "': it must be one of " + known);
}

}  // namespace

std::span<const FormatInfo> formats() noexcept { return kFormats; }

const FormatInfo& info(Format format) noexcept {
  return kFormats[static_cast<std::size_t>(format)];
}

Format parse_format(std::string_view name) { return parse(kFormats, name, "format"); }

BlockedFormat parse_blocked_format(std::string_view name) {
  const std::size_t mark = name.rfind("_g");
  const std::string_view digits = mark == name.npos ? "" : name.substr(mark + 2);
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) {
    const FormatInfo& format = info(parse_format(name));
    return {format.format, format.is_group() ? kDefaultGroup : format.block};
  }
  std::int32_t block = 0;
  const auto end = digits.data() + digits.size();
  const bool fits = std::from_chars(digits.data(), end, block).ec == std::errc() && block >= 1;
  for (const FormatInfo& format : kFormats) {
    if (!format.is_group() || info(format.element).name != name.substr(0, mark)) continue;
    if (fits) return {format.format, static_cast<std::size_t>(block)};
    throw UnsupportedError("format '" + std::string(name) + "' has groups of " +
                           std::string(digits) + " elements: it must be 1 to 2147483647");
  }
  throw UnsupportedError(
      "unknown format '" + std::string(name) +
      "': groups are named int8_gN, int4_gN, uint4_gN, fp8_e4m3_gN or fp8_e5m2_gN");
}

std::string to_string(BlockedFormat format) {
  const FormatInfo& f = info(format.format);
  if (!f.is_group()) return std::string(f.name);
  return std::string(info(f.element).name) + "_g" + std::to_string(format.block);
}

std::span<const OutputFormatInfo> output_formats() noexcept { return kOutputFormats; }

const OutputFormatInfo& info(OutputFormat format) noexcept {
  return kOutputFormats[static_cast<std::size_t>(format)];
}

OutputFormat parse_output_format(std::string_view name) {
  return parse(kOutputFormats, name, "output format");
}

}  // namespace narrowgate
