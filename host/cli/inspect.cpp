// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "command.hpp"
#include "failure.hpp"
#include "narrowgate/files.hpp"
#include "npy.hpp"

namespace narrowgate::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Statistics {
  double low = 0;
  double high = 0;
  double mean = 0;
  double rms = 0;
  std::size_t not_finite = 0;
};

Statistics statistics_of(const std::vector<float>& values) {
  Statistics s;
  double sum = 0;
  double squares = 0;
  std::size_t count = 0;
  for (const float value : values) {
    if (!std::isfinite(value)) {
      ++s.not_finite;
      continue;
    }
    const double x = static_cast<double>(value);
    s.low = count == 0 ? x : std::min(s.low, x);
    s.high = count == 0 ? x : std::max(s.high, x);
    sum += x;
    squares += x * x;
    ++count;
  }
  if (count != 0) {
    s.mean = sum / static_cast<double>(count);
    s.rms = std::sqrt(squares / static_cast<double>(count));
  }
  return s;
}

/// Nothing for types that cannot be read, and for empty tensors.
std::optional<Statistics> statistics_of(const TensorFile& file, const TensorInfo& tensor) {
  if (tensor.type == TensorType::kOther || tensor.bytes == 0) return std::nullopt;
  return statistics_of(file.load(tensor.name));
}

/// Names come from the file: what a terminal would take for orders is shown as dots.
std::string shown(std::string name) {
  std::ranges::replace_if(name, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '.');
  return name;
}

std::string figures(const std::optional<Statistics>& s) {
  if (!s) return "";
  std::string text =
      fmt::format("{:>11.4g} {:>11.4g} {:>11.4g} {:>11.4g}", s->low, s->high, s->mean, s->rms);
  if (s->not_finite != 0) text += fmt::format("  {} not finite", s->not_finite);
  return text;
}

void print_text(const TensorFile& file, bool with_statistics) {
  fmt::print("{}: {}, {} tensor{}\n\n", file.path().string(), file.kind(), file.tensors().size(),
             file.tensors().size() == 1 ? "" : "s");
  std::size_t width = 6;
  for (const TensorInfo& t : file.tensors()) width = std::max(width, t.name.size());
  width = std::min<std::size_t>(width, 48);
  fmt::print("{:<{}} {:<8} {:>14} {:>12}", "tensor", width, "type", "shape", "bytes");
  if (with_statistics) fmt::print(" {:>11} {:>11} {:>11} {:>11}", "min", "max", "mean", "rms");
  fmt::print("\n");
  for (const TensorInfo& t : file.tensors()) {
    fmt::print("{:<{}} {:<8} {:>14} {:>12} {}\n", shown(t.name), width, shown(t.type_name),
               to_string(t.shape), t.bytes, with_statistics ? figures(statistics_of(file, t)) : "");
  }
  const std::vector<QuantizedInfo> matrices = file.quantized();
  if (matrices.empty()) return;
  fmt::print("\n{:<{}} {:<12} {:>14}  {}\n", "matrix", width, "format", "lanes x K", "layout");
  for (const QuantizedInfo& m : matrices) {
    fmt::print("{:<{}} {:<12} {:>14}  {}\n", shown(m.name), width, to_string(m.format),
               fmt::format("{}x{}", m.lanes, m.depth), m.layout);
  }
}

void print_json(const TensorFile& file, bool with_statistics) {
  Json out = {{"file", file.path().string()}, {"kind", file.kind()}};
  out["tensors"] = Json::array();
  for (const TensorInfo& t : file.tensors()) {
    Json entry = {{"name", t.name}, {"type", t.type_name}, {"shape", t.shape}, {"bytes", t.bytes}};
    const auto s = with_statistics ? statistics_of(file, t) : std::nullopt;
    if (s) {
      entry["min"] = s->low;
      entry["max"] = s->high;
      entry["mean"] = s->mean;
      entry["rms"] = s->rms;
      entry["not_finite"] = s->not_finite;
    }
    out["tensors"].push_back(std::move(entry));
  }
  out["matrices"] = Json::array();
  for (const QuantizedInfo& m : file.quantized()) {
    out["matrices"].push_back({{"name", m.name},
                               {"format", to_string(m.format)},
                               {"lanes", m.lanes},
                               {"depth", m.depth},
                               {"layout", m.layout}});
  }
  fmt::print("{}\n", out.dump(2, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

void add_inspect(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("inspect", "List what a file of matrices holds");
  struct Options {
    std::string file;
    bool no_statistics = false;
    bool as_json = false;
  };
  const auto options = std::make_shared<Options>();
  command->add_option("FILE", options->file, "a .npy, .npz, safetensors or GGUF file")->required();
  command->add_flag("--no-stats", options->no_statistics, "do not read the numbers");
  command->add_flag("--json", options->as_json, "print the list as JSON");
  command->footer(
      "Lists the tensors with their range, and the matrices that are quantised in a known layout\n"
      "(narrowgate, GGUF, AWQ, GPTQ, compressed-tensors, ModelOpt, OCP, FP8).\n"
      "Examples:\n"
      "  narrowgate inspect model.gguf --no-stats\n"
      "  narrowgate inspect W.safetensors --json");
  command->callback([&action, options] {
    action = [options] {
      const TensorFile file = TensorFile::open(options->file);
      (options->as_json ? print_json : print_text)(file, !options->no_statistics);
      return kExitOk;
    };
  });
}

}  // namespace narrowgate::cli
