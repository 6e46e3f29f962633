// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "command.hpp"
#include "failure.hpp"
#include "narrowgate/quantize.hpp"

namespace narrowgate::cli {
namespace {

using Json = nlohmann::ordered_json;

const char* scale_name(ScaleKind kind) {
  switch (kind) {
    case ScaleKind::kNone:
      return "-";
    case ScaleKind::kE8m0:
      return "E8M0";
    case ScaleKind::kUe4m3:
      return "UE4M3";
    case ScaleKind::kFp32:
      return "FP32";
    case ScaleKind::kFp32AndZero:
      return "FP32 + zero";
  }
  return "?";
}

/// Integer groups are shown with a length that people use.
std::size_t block_of(const FormatInfo& f) { return f.is_group() ? 128 : f.block; }

/// Bits of an element with its part of the block's scale, as the formats are defined.
double bits_of(const FormatInfo& f) {
  if (!f.has_scales()) return f.bits;
  const double scale = f.scale == ScaleKind::kFp32          ? 32
                       : f.scale == ScaleKind::kFp32AndZero ? 40
                                                            : 8;
  return f.bits + scale / static_cast<double>(block_of(f));
}

double largest(const FormatInfo& f) {
  const double element =
      f.is_float ? static_cast<double>(decode(f.format, static_cast<std::uint8_t>(f.max_code)))
                 : f.max;
  return element * (f.element_exponent == 0 ? 1.0 : 1.0 / (1 << -f.element_exponent));
}

double smallest(const FormatInfo& f) {
  const int exponent = f.lsb + f.element_exponent;
  return exponent >= 0 ? 1 << exponent : 1.0 / (1 << -exponent);
}

std::string specials(const FormatInfo& f) {
  if (f.specials == Specials::kInfinityAndNan) return "inf, NaN";
  return f.specials == Specials::kNanOnly ? "NaN" : "-";
}

std::string name_of(const FormatInfo& f) {
  return f.is_group() ? std::string(info(f.element).name) + "_gN" : std::string(f.name);
}

int show(bool as_json) {
  Json all = Json::array();
  if (!as_json) {
    fmt::print("{:<13} {:<9} {:>4} {:>5} {:<11} {:>8} {:>8} {:>10} {:<9} {}\n", "format", "element",
               "bits", "block", "scale", "bits/el", "largest", "smallest", "specials", "source");
  }
  for (const FormatInfo& f : formats()) {
    const std::string block = f.is_group() ? "N" : f.has_scales() ? std::to_string(f.block) : "-";
    if (as_json) {
      all.push_back({{"format", name_of(f)},
                     {"element", info(f.element).name},
                     {"bits", f.bits},
                     {"exponent_bits", f.exponent_bits},
                     {"mantissa_bits", f.mantissa_bits},
                     {"bias", f.bias},
                     {"block", f.block},
                     {"scale", scale_name(f.scale)},
                     {"tensor_scale", f.tensor_scale},
                     {"largest", largest(f)},
                     {"smallest", smallest(f)},
                     {"source", f.source}});
      continue;
    }
    fmt::print("{:<13} {:<9} {:>4} {:>5} {:<11} {:>8.4g} {:>8.7g} {:>10.4g} {:<9} {}\n", name_of(f),
               info(f.element).name, f.bits, block, scale_name(f.scale), bits_of(f), largest(f),
               smallest(f), specials(f), f.source);
  }
  if (as_json) {
    fmt::print("{}\n", all.dump(2));
  } else {
    fmt::print(
        "\nN is the length of a group along K: int4_g32, int4_g128, ... (bits/el is for 128).\n");
  }
  return kExitOk;
}

}  // namespace

void add_formats(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("formats", "List the number formats");
  const auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "print the table as JSON");
  command->footer(
      "value = element * scale of its block (* tensor scale, for nvfp4); docs/formats.md\n"
      "Examples:\n"
      "  narrowgate formats\n"
      "  narrowgate formats --json");
  command->callback([&action, as_json] { action = [as_json] { return show(*as_json); }; });
}

}  // namespace narrowgate::cli
