// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Measures what README promises, prints a table of target and measured figure, and saves all of it
// with the machine and the versions (docs/bench.md).
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "machine.hpp"
#include "results.hpp"

namespace ng = narrowgate;
using bench::Effort;
using bench::Problem;
using bench::Product;

namespace {

struct Options {
  std::string device = "emulator";
  std::string save;
  Effort effort;
  std::vector<std::string> images{"gemm_int8", "gemm_small", "gemm_u250"};
  std::string wide_image = "gemm_u250";  ///< whose simulation is the fastest
  std::vector<Problem> problems;         ///< empty: those of docs/bench.md
  bool cpu = true;
  bool packing = true;
};

/// What one image is to multiply, and how often.
struct Plan {
  std::vector<Problem> timed;
  std::vector<Problem> once;  ///< for their cycles, which are the same every time
};

/// Every pair of formats as a cube of these sizes; a small array takes too long for the largest,
/// and shows what it can with one pair of each pace.
Plan plan_of(const Options& options, const ng::DeviceInfo& device, bool first) {
  Plan plan;
  plan.timed = options.problems;
  if (!plan.timed.empty()) return plan;
  if (first) plan.timed = bench::default_problems();
  constexpr unsigned kLargeArray = 32;
  if (device.tile_rows > kLargeArray) {
    plan.once = bench::format_pairs(1024);
    plan.once.push_back(bench::parse_problem("m1n4096k4096"));
    return plan;
  }
  for (const std::size_t size : {256, 512, 1024}) {
    for (const Problem& p : bench::format_pairs(size)) {
      const bool long_run = size == 1024 && device.tile_rows < kLargeArray;
      if (!long_run || p.a == p.b) plan.once.push_back(p);
    }
  }
  return plan;
}

void measure_all(const ng::Device& device, const std::vector<Problem>& problems,
                 const Effort& effort, std::vector<Product>& out) {
  for (const Problem& problem : problems) {
    if (!bench::is_held(device.describe(), problem)) {
      std::printf("%-40s skipped: not in this image\n", problem.name().c_str());
      continue;
    }
    out.push_back(bench::measure_product(device, problem, effort));
    print(out.back());
  }
}

bench::ImageResults measure_image(const Options& options, const std::string& image, bool first) {
  bench::ImageResults out;
  ng::OpenOptions open;
  open.image = image;
  ng::Device device;
  out.open_s = bench::seconds_of([&] { device = ng::Device::open(options.device, open); });
  out.device = device.describe();
  const Plan plan = plan_of(options, out.device, first);
  std::printf("\nImage %s on %s\n", out.device.image.c_str(), out.device.card.c_str());
  bench::print_header();
  measure_all(device, plan.timed, options.effort, out.products);
  measure_all(device, plan.once, {0, 0}, out.products);
  device.close();
  return out;
}

bench::Results measure(const Options& options) {
  bench::Results out;
  if (options.packing) {
    for (const unsigned lanes : {32U, 64U}) {
      out.packing.push_back(bench::measure_packing(lanes));
      print(out.packing.back());
    }
  }
  for (const std::string& image : options.images) {
    out.images.push_back(measure_image(options, image, image == options.images.front()));
  }
  bench::stay_on_one_core();
  if (options.problems.empty()) {
    ng::OpenOptions open;
    open.image = options.wide_image;
    ng::Device device = ng::Device::open(options.device, open);
    std::printf("\nHost and simulator together on one core, image %s:\n", open.image.c_str());
    measure_all(device, bench::format_pairs(1024), options.effort, out.pinned);
    device.close();
  }
  if (options.cpu) {
    for (const std::size_t size : {512, 1024}) {
      const std::vector<bench::cpu::Row> rows = bench::cpu::measure(size, options.effort);
      out.cpu.insert(out.cpu.end(), rows.begin(), rows.end());
    }
    bench::print(out.cpu);
  }
  return out;
}

void save(const Options& options, const nlohmann::json& machine, nlohmann::json results) {
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

/// Wrong results and missed exact figures are errors; wall time depends on the machine.
int run(const Options& options) {
  const nlohmann::json machine = bench::describe_machine();
  std::printf("%s, %ld cores\n\n", machine.at("processor").get<std::string>().c_str(),
              machine.at("cores").get<long>());
  const bench::Results results = measure(options);
  const std::vector<bench::Promise> promises = bench::promises_of(results);
  bench::print_published();
  print(promises);
  save(options, machine, to_json(results, promises));
  const bool good = results.equal() && std::ranges::all_of(promises, [](const auto& promise) {
                      return promise.met() || !promise.exact;
                    });
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Measures what Narrowgate promises.\n"
      "A problem is m<M>n<N>k<K>[x<calls>]:<format of A>:<format of B>, e.g. "
      "m512n256k1024:int8:mxfp4.");
  Options options;
  std::vector<std::string> problems;
  app.add_option("problems", problems,
                 "problems to measure instead of the usual ones (docs/bench.md)");
  app.add_option("--device", options.device, "emulator, an index or a PCI address")
      ->capture_default_str();
  app.add_option("--image", options.images, "the images to measure")->capture_default_str();
  app.add_option("--repeat", options.effort.repeats, "measured calls of each problem, at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--enough", options.effort.enough_s,
                 "seconds after which three measured calls are enough")
      ->capture_default_str();
  app.add_flag("--cpu,!--no-cpu", options.cpu, "the processor's own products, for scale");
  app.add_flag("--packing,!--no-packing", options.packing, "packing beside memcpy");
  app.add_option("--save", options.save, "folder in which to save the results");
  CLI11_PARSE(app, argc, argv);
  try {
    for (const std::string& text : problems) {
      options.problems.push_back(bench::parse_problem(text));
    }
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ng-bench: %s\n", error.what());
    return 1;
  }
}
