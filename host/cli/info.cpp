// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <narrowgate_xclbin/xclbin.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "command.hpp"
#include "failure.hpp"
#include "narrowgate/device.hpp"

namespace narrowgate::cli {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// "a, b, c" of an array's entries.
std::string joined(const Json& array) {
  std::string text;
  for (const Json& entry : array) text += (text.empty() ? "" : ", ") + text_of(entry);
  return text;
}

void row(const char* what, const std::string& text) { fmt::print("{:<16} {}\n", what, text); }

/// One line for each format of A with the formats of B that it meets.
void print_pairs(const Json& data) {
  if (!data.contains("pairs") || data.at("pairs").empty()) {
    row("pairs", "all of these");
    return;
  }
  std::vector<std::pair<std::string, std::string>> lines;
  for (const Json& pair : data.at("pairs")) {
    const std::string a = text_of(pair.at(0));
    auto line = std::ranges::find(lines, a, &std::pair<std::string, std::string>::first);
    if (line == lines.end()) line = lines.insert(lines.end(), {a, ""});
    line->second += (line->second.empty() ? "" : ", ") + text_of(pair.at(1));
  }
  const char* what = "pairs (A x B)";
  for (const auto& [a, all_b] : lines) {
    row(what, fmt::format("{} x {}", a, all_b));
    what = "";
  }
}

void print_kernel(const Json& kernel) {
  row("kernel", fmt::format("{} at {} MHz, interface {}", text_of(kernel.at("top")),
                            text_of(kernel.at("clock_mhz")), text_of(kernel.at("interface_hash"))));
  fmt::print("\n{:<14} {:<8} {:>5} {:>8}  {}\n", "argument", "kind", "bits", "offset", "port");
  for (const Json& arg : kernel.at("args")) {
    const bool has_port = arg.contains("bundle") && arg.at("bundle").is_string();
    const Json& offset = arg.at("offset");
    fmt::print("{:<14} {:<8} {:>5} {:>8}  {}\n", text_of(arg.at("name")), text_of(arg.at("kind")),
               text_of(arg.at("bits")),
               offset.is_number_unsigned() ? fmt::format("{:#x}", offset.get<std::uint64_t>())
                                           : text_of(offset),
               has_port ? text_of(arg.at("bundle")) : "");
  }
  fmt::print("\n{:<20} {:<9} {:>4} {:>6} {:>14}\n", "process", "kind", "II", "depth",
             "register bits");
  for (const Json& process : kernel.at("processes")) {
    std::string ii = "-";
    std::string depth = "-";
    if (process.contains("loops") && !process.at("loops").empty()) {
      ii = text_of(process.at("loops").front().at("ii"));
      depth = text_of(process.at("loops").front().at("depth"));
    }
    fmt::print("{:<20} {:<9} {:>4} {:>6} {:>14}\n", text_of(process.at("name")),
               text_of(process.at("kind")), ii, depth,
               process.contains("register_bits") ? text_of(process.at("register_bits")) : "-");
  }
}

void print_image(const xclbin::ImageInfo& image) {
  const Json& data = image.metadata;
  const Json& geometry = data.at("geometry");
  const Json& card = data.at("card");
  row("image", text_of(data.at("image")));
  row("file", image.path.string());
  row("for", fmt::format("{} ({})", image.platform,
                         image.emulation() ? "hardware emulation" : "hardware"));
  row("uuid", xclbin::ToString(image.uuid));
  const Json defines = data.at("kernel").value("defines", Json::object());
  const std::string lut_rows =
      defines.contains("NG_LUT_ROWS")
          ? fmt::format(", {} rows more for 4-bit operands", text_of(defines.at("NG_LUT_ROWS")))
          : "";
  row("array",
      fmt::format("{} x {} multiply-accumulates a cycle{}", text_of(geometry.at("tile_rows")),
                  text_of(geometry.at("tile_cols")), lut_rows));
  row("memory ports", fmt::format("{} bits", text_of(geometry.at("port_bits"))));
  row("formats", joined(data.at("formats")));
  print_pairs(data);
  row("card", card.is_object() && card.contains("name") ? text_of(card.at("name")) : card.dump());
  std::string banks;
  for (const auto& [port, bank] : data.at("connectivity").items()) {
    banks += fmt::format("{}{} -> {}", banks.empty() ? "" : ", ", port, text_of(bank));
  }
  row("connectivity", banks);
  print_kernel(data.at("kernel"));
}

int show(const std::string& name, bool as_json) {
  const std::filesystem::path path = find_image(name);
  try {
    const xclbin::ImageInfo image = xclbin::ReadImage(path);
    if (as_json) {
      fmt::print("{}\n", image.metadata.dump(2));
    } else {
      print_image(image);
    }
  } catch (const xclbin::Error& error) {
    throw InputError(error.what());
  } catch (const Json::exception& error) {
    throw InputError(fmt::format("{}: unexpected metadata: {}", path.string(), error.what()));
  }
  return kExitOk;
}

}  // namespace

void add_info(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("info", "Show what an image holds");
  struct Options {
    std::string image;
    bool as_json = false;
  };
  const auto options = std::make_shared<Options>();
  command->add_option("IMAGE", options->image, "name (gemm_int8) or path (./x.xclbin)")->required();
  command->add_flag("--json", options->as_json, "print the whole description as JSON");
  command->footer(
      "Examples:\n"
      "  narrowgate info gemm_int8\n"
      "  narrowgate info build/bitstreams/gemm_int8.xclbin --json");
  command->callback([&action, options] {
    action = [options] { return show(options->image, options->as_json); };
  });
}

}  // namespace narrowgate::cli
