// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate/format.hpp"

#include <array>
#include <string>

#include "narrowgate/error.hpp"

namespace narrowgate {
namespace {

constexpr std::array<FormatInfo, 4> kFormats{{
    {Format::kInt8, "int8", 0, 8, true, -128, 127, 0, 0x00},
    {Format::kUint8, "uint8", 1, 8, false, 0, 255, 128, 0x80},
    {Format::kInt4, "int4", 2, 4, true, -8, 7, 0, 0x0},
    {Format::kUint4, "uint4", 3, 4, false, 0, 15, 8, 0x8},
}};

constexpr std::array<OutputFormatInfo, 4> kOutputFormats{{
    {OutputFormat::kInt32, "int32", 4, INT32_MIN, INT32_MAX},
    {OutputFormat::kInt8, "int8", 1, -128, 127},
    {OutputFormat::kUint8, "uint8", 1, 0, 255},
    {OutputFormat::kFloat32, "float32", 4, 0, 0},
}};

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

Format parse_format(std::string_view name) { return parse(kFormats, name, "element format"); }

std::span<const OutputFormatInfo> output_formats() noexcept { return kOutputFormats; }

const OutputFormatInfo& info(OutputFormat format) noexcept {
  return kOutputFormats[static_cast<std::size_t>(format)];
}

OutputFormat parse_output_format(std::string_view name) {
  return parse(kOutputFormats, name, "output format");
}

}  // namespace narrowgate
