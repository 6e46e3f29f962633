// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "command.hpp"
#include "device_options.hpp"
#include "factor.hpp"
#include "failure.hpp"
#include "narrowgate/gemm.hpp"
#include "narrowgate/quantize.hpp"
#include "progress.hpp"

namespace narrowgate::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct BenchOptions {
  std::int64_t m = 512;
  std::int64_t n = 512;
  std::int64_t k = 512;
  std::string a_path;  ///< empty: random numbers
  std::string b_path;
  std::string a_format;  ///< empty: the file's, or int8
  std::string b_format;
  int repeat = 3;
  bool as_json = false;
  DeviceOptions device;
};

std::size_t size(std::int64_t value) { return static_cast<std::size_t>(value); }

struct Operands {
  std::optional<Factor> a;
  std::optional<Factor> b;
};

/// Those that come from files, which say the sizes.
Operands read_operands(BenchOptions& o) {
  Operands out;
  if (!o.a_path.empty()) {
    out.a = read_factor(o.a_path, o.a_format, Side::kA);
    o.m = static_cast<std::int64_t>(out.a->view().rows);
    o.k = static_cast<std::int64_t>(out.a->view().cols);
  }
  if (!o.b_path.empty()) {
    out.b = read_factor(o.b_path, o.b_format, Side::kB);
    const auto k = static_cast<std::int64_t>(out.b->view().rows);
    if (out.a && k != o.k) {
      throw InputError(fmt::format("{} has {} columns and {} {} rows: they must be as many",
                                   o.a_path, o.k, o.b_path, k));
    }
    o.k = k;
    o.n = static_cast<std::int64_t>(out.b->view().cols);
  }
  o.a_format = out.a ? out.a->format_name() : o.a_format.empty() ? "int8" : o.a_format;
  o.b_format = out.b ? out.b->format_name() : o.b_format.empty() ? "int8" : o.b_format;
  return out;
}

/// Full-range integers, or normally distributed numbers quantised.
QuantizedMatrix random_matrix(const std::string& name, Side side, std::size_t rows,
                              std::size_t cols, std::uint32_t seed) {
  const BlockedFormat format = parse_blocked_format(name);
  const FormatInfo& f = narrowgate::info(format.format);
  std::mt19937 random(seed);
  if (!f.is_plain_integer()) {
    std::normal_distribution<float> value(0.0F, 1.0F);
    std::vector<float> numbers(rows * cols);
    std::ranges::generate(numbers, [&] { return value(random); });
    return quantize(FloatView::row_major(numbers.data(), rows, cols), side, format);
  }
  QuantizedMatrix matrix;
  matrix.format = format.format;
  matrix.side = side;
  matrix.rows = rows;
  matrix.cols = cols;
  matrix.codes.resize(rows * cols);
  std::uniform_int_distribution<int> value(f.min, f.max);
  std::ranges::generate(matrix.codes, [&] { return static_cast<std::uint8_t>(value(random)); });
  return matrix;
}

/// int32 for integers, float32 for the others; zero-points are those that every pair takes.
GemmOptions options_for(Format a, Format b) {
  const FormatInfo& fa = narrowgate::info(a);
  const FormatInfo& fb = narrowgate::info(b);
  GemmOptions options;
  if (fa.is_plain_integer() && fb.is_plain_integer()) return options;
  options.epilogue = FloatEpilogue{};
  options.a_zero = fa.is_plain_integer() ? fa.offset : 0;
  options.b_zero = fb.is_plain_integer() ? fb.offset : 0;
  return options;
}

void check(const BenchOptions& o) {
  constexpr int kMostRepeats = 100000;
  constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max();
  constexpr std::int64_t kMostElements = std::int64_t{1} << 30;
  for (const auto& [name, size] : {std::pair{"--m", o.m}, {"--n", o.n}, {"--k", o.k}}) {
    if (size < 1 || size > kLargest) {
      throw InputError(fmt::format("{} {}: it must be 1 to {}", name, size, kLargest));
    }
  }
  if (o.repeat < 1 || o.repeat > kMostRepeats) {
    throw InputError(fmt::format("--repeat {}: it must be 1 to {}", o.repeat, kMostRepeats));
  }
  const BlockedFormat a = parse_blocked_format(o.a_format);
  const BlockedFormat b = parse_blocked_format(o.b_format);
  const Problem problem{size(o.m), size(o.n), size(o.k),
                        a.format,  b.format,  options_for(a.format, b.format),
                        a.block,   b.block};
  const Verdict verdict = can_run(Device::open("reference"), problem);
  if (!verdict) throw InputError(verdict.message);
  for (const std::int64_t elements : {o.m * o.k, o.k * o.n, o.m * o.n}) {
    if (elements > kMostElements) {
      throw InputError(fmt::format("{}x{}x{}: a matrix of {} elements, the limit is {}", o.m, o.n,
                                   o.k, elements, kMostElements));
    }
  }
}

/// The report of the last call (cycles are the same for all) and the median wall time.
struct Measured {
  Report report;
  double wall_s = 0;
};

Measured measure(const Device& device, const BenchOptions& o, Operands& operands) {
  const std::size_t m = size(o.m);
  const std::size_t n = size(o.n);
  const std::size_t k = size(o.k);
  if (!operands.a) operands.a.emplace(random_matrix(o.a_format, Side::kA, m, k, 1));
  if (!operands.b) operands.b.emplace(random_matrix(o.b_format, Side::kB, k, n, 2));
  const MatrixView a = operands.a->view();
  const MatrixView b = operands.b->view();
  const GemmOptions options = options_for(a.format, b.format);
  std::vector<std::int32_t> c(m * n);  // or as many floats
  Progress progress("measuring", size(o.repeat) + 1);
  Measured measured;
  std::vector<double> seconds;
  for (int i = 0; i <= o.repeat; ++i) {
    const Clock::time_point start = Clock::now();
    const Job job = submit(device, a, b, options,
                           OutputView::row_major(c.data(), output_format(options.epilogue), m, n));
    measured.report = wait_for(job, progress);
    // The first call warms up: it is not counted.
    const double wall_s = std::chrono::duration<double>(Clock::now() - start).count();
    if (i > 0) seconds.push_back(wall_s);
    progress.update(size(i) + 1);
  }
  std::ranges::sort(seconds);
  measured.wall_s = seconds[seconds.size() / 2];
  return measured;
}

nlohmann::json to_json(const Measured& measured, const BenchOptions& o, const Device& device) {
  const Report& r = measured.report;
  const DeviceInfo& d = device.describe();
  return {{"m", o.m},
          {"n", o.n},
          {"k", o.k},
          {"a_format", o.a_format},
          {"b_format", o.b_format},
          {"device", d.selector},
          {"backend", d.backend},
          {"image", d.image},
          {"clock_mhz", d.clock_mhz},
          {"repeat", o.repeat},
          {"cycles", r.cycles},
          {"macs_per_cycle", r.macs_per_cycle()},
          {"peak_macs_per_cycle", r.peak_macs_per_cycle},
          {"utilisation", r.utilisation()},
          {"wall_s", measured.wall_s},
          {"simulated_macs_per_s", static_cast<double>(r.macs) / measured.wall_s},
          {"bytes_read", r.bytes_read},
          {"bytes_written", r.bytes_written}};
}

void print_stages(const Report& report) {
  if (report.stages.empty()) return;
  fmt::print("\n{:<20} {:>12} {:>12} {:>12}  cycles\n", "process", "busy", "no input", "no room");
  for (const StageCounters& s : report.stages) {
    fmt::print("{:<20} {:>12} {:>12} {:>12}\n", s.name, s.busy, s.stall_in, s.stall_out);
  }
}

void print(const Measured& measured, const BenchOptions& o, const Device& device) {
  const Report& r = measured.report;
  fmt::print("{}x{}x{} {} x {} on {}\n", o.m, o.n, o.k, o.a_format, o.b_format,
             describe(device.describe()));
  if (r.cycles != 0) {
    fmt::print("{:<22} {}\n", "cycles", r.cycles);
    fmt::print("{:<22} {:.1f} of {} ({:.1f} %)\n", "MACs a cycle", r.macs_per_cycle(),
               r.peak_macs_per_cycle, 100 * r.utilisation());
    fmt::print("{:<22} {} read, {} written\n", "bytes of card memory", r.bytes_read,
               r.bytes_written);
  }
  fmt::print("{:<22} {:.4f} s (median of {})\n", "wall time", measured.wall_s, o.repeat);
  fmt::print("{:<22} {:.0f} million\n", "MACs a second",
             static_cast<double>(r.macs) / measured.wall_s / 1e6);
  print_stages(r);
}

int bench(BenchOptions options) {
  Operands operands = read_operands(options);
  check(options);
  const Device device = options.device.open();
  const Measured measured = measure(device, options, operands);
  if (options.as_json) {
    fmt::print("{}\n", to_json(measured, options, device).dump(2));
  } else {
    print(measured, options, device);
  }
  return kExitOk;
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("bench", "Measure one product: cycles and wall time");
  const auto options = std::make_shared<BenchOptions>();
  command->add_option("--m", options->m, "rows of A and C")->capture_default_str();
  command->add_option("--n", options->n, "columns of B and C")->capture_default_str();
  command->add_option("--k", options->k, "columns of A, rows of B")->capture_default_str();
  command->add_option("--a-format", options->a_format,
                      "int8, mxfp4, int4_g128, ... (default: the file's, or int8)");
  command->add_option("--b-format", options->b_format, "the same for B");
  command->add_option(
      "--a", options->a_path,
      "A from a file, as matmul takes it, which says --m and --k (default: random)");
  command->add_option("--b", options->b_path, "B from a file, which says --k and --n");
  command->add_option("--repeat", options->repeat, "measured calls, after one that is not")
      ->capture_default_str();
  options->device.add_to(*command);
  command->add_flag("--json", options->as_json, "print JSON");
  command->footer(
      "Cycles and bytes are the hardware's own counters, from start to done. Wall time is end to\n"
      "end: packing, transfers, computing, and fetching C.\n"
      "Examples:\n"
      "  narrowgate bench\n"
      "  narrowgate bench --a-format mxfp8_e4m3 --b-format mxfp4\n"
      "  narrowgate bench --m 8 --b model.gguf:blk.0.ffn_up.weight --a-format mxfp8_e4m3\n"
      "  narrowgate bench --m 256 --n 1024 --k 4096 --a-format uint8 --b-format int4 --json");
  command->callback([&action, options] { action = [options] { return bench(*options); }; });
}

}  // namespace narrowgate::cli
