// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// How fast the quantisers are: bytes of FP32 input a second on one core, with packing and without,
// beside ggml's own where there is one. Time is the core's own (what other programs take of it does
// not count), the best of several calls; memory is reused from call to call, in ggml's case as
// well.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <narrowgate/narrowgate.hpp>

#include "machine.hpp"
#include "measure.hpp"
#include "pack/pack.hpp"
#include "peers/ggml.hpp"

namespace ng = narrowgate;
using Json = nlohmann::ordered_json;

namespace {

struct Options {
  std::size_t size = 4096;
  int repeats = 9;
  std::string ggml;          ///< folder of its libraries
  std::string ggml_skipped;  ///< why there is none
  std::string save;
};

/// A matrix of size × size numbers, and GB/s of it.
class Bench {
 public:
  explicit Bench(const Options& options)
      : size_(options.size), repeats_(options.repeats), values_(options.size * options.size) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    for (float& x : values_) x = normal(random);
  }

  std::size_t size() const { return size_; }
  const std::vector<float>& values() const { return values_; }

  double rate(const std::function<void()>& work) const {
    work();
    double best = 1e9;
    for (int i = 0; i < repeats_; ++i) {
      best = std::min(best, bench::core_seconds_of(work));
    }
    return static_cast<double>(values_.size() * sizeof(float)) / best / 1e9;
  }

 private:
  std::size_t size_;
  int repeats_;
  std::vector<float> values_;
};

/// GB/s of input for one format.
struct Rates {
  double a;            ///< row-major, as an A
  double b;            ///< row-major, as a B: transposed on the way
  double b_columns;    ///< column-major, as a B
  double a_packed;     ///< and packed for the card
  double b_packed;     ///< row-major B, packed
  double dequantised;  ///< of the output
};

Rates measure(const Bench& bench, const ng::BlockedFormat& format) {
  const std::size_t n = bench.size();
  const auto rows = ng::FloatView::row_major(bench.values().data(), n, n);
  const auto columns =
      ng::FloatView::col_major(bench.values().data(), ng::FloatType::kFloat32, n, n);
  ng::QuantizeOptions options;
  options.threads = 1;
  ng::QuantizedMatrix q;
  const ng::internal::Geometry geometry{};
  std::vector<std::uint8_t> packed;
  const auto quantize = [&](const ng::FloatView& view, ng::Side side, bool pack) {
    return bench.rate([&, view, side, pack] {
      ng::quantize_into(q, view, side, format, options);
      if (pack) ng::internal::pack_panels(geometry, side, q.view(), packed);
    });
  };
  using enum ng::Side;
  packed.resize(
      ng::internal::PanelLayout::of(geometry, kA, format.format, n, n, format.block).bytes());
  Rates out{};
  out.a = quantize(rows, kA, false);
  out.b = quantize(rows, kB, false);
  out.b_columns = quantize(columns, kB, false);
  out.a_packed = quantize(rows, kA, true);
  out.b_packed = quantize(rows, kB, true);
  std::vector<float> back;
  out.dequantised = bench.rate([&] { back = ng::dequantize(q, 1); });
  return out;
}

Json measure_formats(const Bench& bench) {
  Json all = Json::object();
  std::printf("%-12s %8s %8s %8s %8s %8s %11s\n", "format", "A", "B", "B cols", "A+pack", "B+pack",
              "dequantise");
  for (const char* name :
       {"mxfp4", "mxfp6_e2m3", "mxfp6_e3m2", "mxfp8_e4m3", "mxfp8_e5m2", "mxint8", "nvfp4",
        "int8_g32", "int4_g32", "int4_g128", "uint4_g128", "fp8_e4m3", "int8"}) {
    const Rates r = measure(bench, ng::parse_blocked_format(name));
    std::printf("%-12s %8.2f %8.2f %8.2f %8.2f %8.2f %11.2f\n", name, r.a, r.b, r.b_columns,
                r.a_packed, r.b_packed, r.dequantised);
    std::fflush(stdout);
    all[name] = {{"a", r.a},
                 {"b", r.b},
                 {"b_columns", r.b_columns},
                 {"a_packed", r.a_packed},
                 {"b_packed", r.b_packed},
                 {"dequantise", r.dequantised}};
  }
  return all;
}

/// ggml's quantisers on the same matrix, beside ours for an A with the same blocks.
Json measure_ggml(const Bench& bench, const Options& options, const Json& ours) {
  if (options.ggml.empty()) {
    std::printf("\nggml: skipped: %s\n", options.ggml_skipped.c_str());
    return {{"skipped", options.ggml_skipped}};
  }
  const auto ggml = peers::Ggml::open(options.ggml);
  Json all = {{"processor", ggml.processor()}};
  std::printf("\nggml's own quantisers (its code for %s), rows to its blocks\n",
              ggml.processor().c_str());
  std::printf("%-8s %10s %12s %10s %14s\n", "format", "ggml", "ours:", "quantised", "and packed");
  for (const peers::GgmlType& type : peers::kGgmlTypes) {
    if (bench.values().size() % type.block != 0) continue;
    const std::string name = type.name;
    const std::string same = name == "q8_0" ? "int8_g32" : name == "q4_0" ? "int4_g32" : name;
    std::vector<std::uint8_t> blocks(peers::Ggml::bytes(type, bench.values().size()));
    const double rate = bench.rate([&] { ggml.quantize(type, bench.values(), blocks.data()); });
    std::printf("%-8s %10.2f %12s %10.2f %14.2f\n", type.name, rate, same.c_str(),
                ours.at(same).at("a").get<double>(), ours.at(same).at("a_packed").get<double>());
    all[name] = {{"ggml", rate},
                 {"ours", ours.at(same).at("a")},
                 {"ours_packed", ours.at(same).at("a_packed")}};
  }
  return all;
}

void save(const Options& options, const Json& results) {
  if (options.save.empty()) return;
  namespace fs = std::filesystem;
  const auto machine = bench::describe_machine();
  fs::create_directories(options.save);
  const fs::path path = fs::path(options.save) /
                        (bench::today() + "-" + bench::machine_kind(machine) + "-quantising.json");
  Json all = {{"machine", machine}};
  all.update(results);
  std::ofstream file(path);
  file << all.dump(2) << "\n";
  if (!file.flush()) throw std::runtime_error(path.string() + ": cannot be written");
  std::printf("\nSaved as %s\n", path.c_str());
}

void run(const Options& options) {
  bench::stay_on_one_core();
  const Bench bench(options);
  std::vector<float> copy(bench.values().size());
  const double memcpy_rate = bench.rate(
      [&] { std::memcpy(copy.data(), bench.values().data(), copy.size() * sizeof(float)); });
  std::printf("%zu x %zu FP32, one core, GB/s of input, best of %d; memcpy %.2f\n", options.size,
              options.size, options.repeats, memcpy_rate);
  Json results = {{"size", options.size}, {"repeats", options.repeats}, {"memcpy", memcpy_rate}};
  results["gb_per_s"] = measure_formats(bench);
  results["ggml"] = measure_ggml(bench, options, results["gb_per_s"]);
  save(options, results);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures the quantisers.");
  Options options;
  options.ggml_skipped = "no --ggml FOLDER given (scripts/ggml_library.sh fetches it)";
  app.add_option("--size", options.size, "rows and columns of the matrix")
      ->capture_default_str()
      ->check(CLI::Range(1, 32768));
  app.add_option("--repeat", options.repeats, "measured calls")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--ggml", options.ggml,
                 "folder of ggml's shared libraries, to measure it as well");
  app.add_option("--ggml-skipped", options.ggml_skipped, "what to say where there is none");
  app.add_option("--save", options.save, "folder in which to save the results");
  CLI11_PARSE(app, argc, argv);
  try {
    run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ng-bench-quantising: %s\n", error.what());
    return 1;
  }
  return 0;
}
