// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Measures what README promises, prints a table of target and measured figure, and saves all of it
// with the machine and the versions.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "machine.hpp"
#include "measure.hpp"

namespace ng = narrowgate;
using bench::Packing;
using bench::Product;
using Json = nlohmann::json;

namespace {

struct Options {
  std::string device = "emulator";
  std::string save;
  int repeats = 5;
  ng::OpenOptions open;
};

/// One promise.
struct Target {
  std::string what;
  double target;
  double measured;
  const char* unit;
  bool at_most;  ///< else at least
  bool exact;    ///< the same on every machine, so a miss is an error

  bool met() const { return at_most ? measured <= target : measured >= target; }
};

Json to_json(const Target& t) {
  return {{"what", t.what},
          {"target", t.target},
          {"measured", t.measured},
          {"unit", t.unit},
          {"at_most", t.at_most},
          {"met", t.met()},
          {"kind", t.exact ? "simulated, exact" : "measured here"}};
}

Json to_json(const Product& p) {
  const ng::Report& r = p.report;
  Json stages = Json::object();
  for (const ng::StageCounters& s : r.stages) {
    stages[s.name] = {{"busy", s.busy}, {"stall_in", s.stall_in}, {"stall_out", s.stall_out}};
  }
  return {{"shape", p.shape.name()},
          {"cycles", r.cycles},
          {"macs_per_cycle", r.macs_per_cycle()},
          {"peak_macs_per_cycle", r.peak_macs_per_cycle},
          {"utilisation", r.utilisation()},
          {"wall_s", p.median_wall_s},
          {"repeats", p.repeats},
          {"simulated_macs_per_s", p.macs_per_s()},
          {"bytes_read", r.bytes_read},
          {"bytes_written", r.bytes_written},
          {"equal_to_reference", p.equal_to_reference},
          {"stages", stages}};
}

Json to_json(const Packing& p) {
  return {{"memcpy_bytes_per_s", p.memcpy_bytes_per_s},
          {"a_bytes_per_s", p.a_bytes_per_s},
          {"b_bytes_per_s", p.b_bytes_per_s},
          {"a_col_major_bytes_per_s", p.a_col_major_bytes_per_s},
          {"b_col_major_bytes_per_s", p.b_col_major_bytes_per_s}};
}

constexpr std::size_t kGigabyte = 1000 * 1000 * 1000;

void print(const Product& p) {
  std::printf("%-42s %10llu %7.1f %% %9.4f s %7.0f M/s  %s\n", p.shape.name().c_str(),
              static_cast<unsigned long long>(p.report.cycles), 100 * p.report.utilisation(),
              p.median_wall_s, p.macs_per_s() / 1e6,
              p.equal_to_reference ? "equal" : "RESULTS DIFFER");
  std::fflush(stdout);
}

void print(const std::vector<Target>& targets) {
  std::printf("\n%-56s %12s %12s  met\n", "promise", "target", "measured");
  for (const Target& t : targets) {
    std::printf("%-56s %s %8.4g %-2s %8.4g %-2s  %s\n", t.what.c_str(), t.at_most ? "<" : ">",
                t.target, t.unit, t.measured, t.unit, t.met() ? "yes" : "NO");
  }
}

ng::Device timed_open(const Options& options, double& seconds) {
  const auto start = std::chrono::steady_clock::now();
  ng::Device device = ng::Device::open(options.device, options.open);
  seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return device;
}

std::vector<bench::Shape> shapes() {
  using enum ng::Format;
  return {{512, 512, 512, kInt8, kInt8},   {64, 64, 64, kInt8, kInt8},
          {256, 256, 256, kInt8, kInt8},   {1024, 1024, 1024, kInt8, kInt8},
          {512, 512, 512, kUint8, kUint8}, {512, 512, 512, kInt8, kInt4},
          {512, 512, 512, kInt4, kInt4},   {512, 512, 512, kUint4, kUint4},
          {1, 1024, 1024, kInt8, kInt8},   {509, 251, 1021, kInt8, kInt8}};
}

/// The pairs that people run first, one row each; those that the image does not hold are left out.
std::vector<bench::Shape> format_shapes(const ng::DeviceInfo& device) {
  using enum ng::Format;
  constexpr std::size_t kSize = 512;
  std::vector<bench::Shape> out;
  for (const auto& [a, b] : {std::pair{kInt8, kInt8},
                             {kInt8, kInt4},
                             {kInt4, kInt4},
                             {kInt8, kInt4Group},
                             {kMxfp8E4m3, kMxfp8E4m3},
                             {kMxfp8E4m3, kMxfp4},
                             {kMxfp6E2m3, kMxfp6E2m3},
                             {kMxfp6E3m2, kMxfp6E2m3},
                             {kMxfp4, kMxfp4},
                             {kNvfp4, kNvfp4},
                             {kMxint8, kMxint8},
                             {kMxint8, kMxfp4},
                             {kE4m3, kE4m3},
                             {kE5m2, kE4m3}}) {
    const std::pair<ng::Format, ng::Format> pair{a, b};
    const bool held =
        device.pairs.empty()
            ? std::ranges::count(device.formats, a) + std::ranges::count(device.formats, b) > 1
            : std::ranges::count(device.pairs, pair) != 0;
    const bench::Shape shape{kSize, kSize, kSize, a, b};
    if (held) {
      out.push_back(shape);
    } else {
      std::printf("%-42s skipped: not in this image\n", shape.name().c_str());
    }
  }
  return out;
}

void save(const Options& options, const Json& machine, Json results) {
  if (options.save.empty()) return;
  namespace fs = std::filesystem;
  fs::create_directories(options.save);
  results["machine"] = machine;
  const fs::path path =
      fs::path(options.save) / (bench::today() + "-" + bench::machine_kind(machine) + ".json");
  std::ofstream file(path);
  file << results.dump(2) << "\n";
  if (!file.flush()) throw std::runtime_error(path.string() + ": cannot be written");
  std::printf("\nSaved as %s\n", path.c_str());
}

/// All that one run of this program measures.
struct Measured {
  Packing packing;
  double first_open_s = 0;
  double second_open_s = 0;
  std::vector<Product> products;  ///< the first one is what most promises are about
  std::vector<Product> formats;   ///< one for each pair of formats
  Product pinned;                 ///< the first again, all on one core
  ng::DeviceInfo device;
};

Measured measure(const Options& options) {
  Measured out;
  out.packing = bench::measure_packing();
  ng::Device device = timed_open(options, out.first_open_s);
  out.device = device.describe();
  std::printf("%-42s %10s %9s %11s %11s\n", "M x N x K", "cycles", "of peak", "wall time", "MAC/s");
  for (const bench::Shape& shape : shapes()) {
    out.products.push_back(bench::measure_product(device, shape, options.repeats));
    print(out.products.back());
  }
  std::printf("Pairs of formats:\n");
  for (const bench::Shape& shape : format_shapes(out.device)) {
    out.formats.push_back(bench::measure_product(device, shape, options.repeats));
    print(out.formats.back());
  }
  device.close();
  bench::stay_on_one_core();
  device = timed_open(options, out.second_open_s);
  out.pinned = bench::measure_product(device, shapes().front(), options.repeats);
  std::printf("The first again, host and simulator together on one core:\n");
  print(out.pinned);
  return out;
}

std::vector<Target> targets_of(const Measured& m) {
  const double copy = m.packing.memcpy_bytes_per_s;
  const Product& first = m.products.front();
  return {
      {"512x512x512 INT8, array's use from start to done", 85, 100 * first.report.utilisation(),
       "%", false, true},
      {"the same through XRT on one core, million MAC/s", 300, m.pinned.macs_per_s() / 1e6, "",
       false, false},
      {"opening the device and loading the image", 1, m.first_open_s, "s", true, false},
      {"packing an INT8 A, of memcpy's bandwidth", 25, 100 * m.packing.a_bytes_per_s / copy, "%",
       false, false},
      {"packing an INT8 B, of memcpy's bandwidth", 25, 100 * m.packing.b_bytes_per_s / copy, "%",
       false, false},
  };
}

Json to_json(const Measured& m, const std::vector<Target>& targets) {
  Json results = {{"image", m.device.image},         {"card", m.device.card},
                  {"clock_mhz", m.device.clock_mhz}, {"open_s", {m.first_open_s, m.second_open_s}},
                  {"packing", to_json(m.packing)},   {"one_core", to_json(m.pinned)}};
  for (const Product& p : m.products) results["products"].push_back(to_json(p));
  for (const Product& p : m.formats) results["formats"].push_back(to_json(p));
  for (const Target& t : targets) results["targets"].push_back(to_json(t));
  return results;
}

/// Wrong results and missed exact figures are errors; wall time depends on the machine.
bool good(const Measured& m, const std::vector<Target>& targets) {
  const auto equal = [](const Product& p) { return p.equal_to_reference; };
  return m.pinned.equal_to_reference && std::ranges::all_of(m.products, equal) &&
         std::ranges::all_of(m.formats, equal) &&
         std::ranges::all_of(targets, [](const Target& t) { return t.met() || !t.exact; });
}

int run(const Options& options) {
  const Json machine = bench::describe_machine();
  std::printf("%s, %ld cores\n\n", machine.at("processor").get<std::string>().c_str(),
              machine.at("cores").get<long>());
  const Measured measured = measure(options);
  const std::vector<Target> targets = targets_of(measured);
  print(targets);
  const Packing& packing = measured.packing;
  std::printf("(memcpy %.1f GB/s; A %.1f, B %.1f; column-major A %.1f, B %.1f)\n",
              packing.memcpy_bytes_per_s / kGigabyte, packing.a_bytes_per_s / kGigabyte,
              packing.b_bytes_per_s / kGigabyte, packing.a_col_major_bytes_per_s / kGigabyte,
              packing.b_col_major_bytes_per_s / kGigabyte);
  save(options, machine, to_json(measured, targets));
  return good(measured, targets) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures what Narrowgate promises.");
  Options options;
  app.add_option("--device", options.device, "emulator, an index or a PCI address")
      ->capture_default_str();
  app.add_option("--image", options.open.image, "the card's image")->capture_default_str();
  app.add_option("--repeat", options.repeats, "measured calls of each shape")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--save", options.save, "folder in which to save the results");
  CLI11_PARSE(app, argc, argv);
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ng-bench: %s\n", error.what());
    return 1;
  }
}
