// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "measure.hpp"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <random>

namespace bench {
namespace ng = narrowgate;

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double core_seconds_of(const std::function<void()>& work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  };
  const double start = now();
  work();
  return now() - start;
}

Times times_of(std::vector<double> seconds) {
  std::ranges::sort(seconds);
  return {seconds[seconds.size() / 2], seconds.front(), seconds.back(),
          static_cast<int>(seconds.size())};
}

Times repeat(const Effort& effort, const std::function<void()>& work) {
  constexpr int kFewest = 3;
  work();
  std::vector<double> seconds;
  double sum = 0;
  for (int i = 0; i < effort.repeats && (i < kFewest || sum < effort.enough_s); ++i) {
    seconds.push_back(seconds_of(work));
    sum += seconds.back();
  }
  return times_of(std::move(seconds));
}

std::vector<std::uint8_t> random_integers(ng::Format format, std::size_t elements,
                                          std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> value(ng::info(format).min, ng::info(format).max);
  std::vector<std::uint8_t> bytes(elements);
  std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(value(random)); });
  return bytes;
}

namespace {

/// Full-range integers, or normally distributed numbers quantised.
ng::QuantizedMatrix random_operand(ng::Format format, ng::Side side, std::size_t rows,
                                   std::size_t cols, std::uint32_t seed) {
  const ng::FormatInfo& row = ng::info(format);
  if (!row.is_plain_integer()) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> numbers(rows * cols);
    std::ranges::generate(numbers, [&] { return normal(random); });
    const std::size_t block = row.is_group() ? 32 : row.block;
    return ng::quantize(ng::FloatView::row_major(numbers.data(), rows, cols), side,
                        {format, block});
  }
  ng::QuantizedMatrix out;
  out.format = format;
  out.side = side;
  out.rows = rows;
  out.cols = cols;
  out.codes = random_integers(format, rows * cols, seed);
  return out;
}

}  // namespace

namespace {

/// The factors of a problem's calls, each of its own, and what comes of them.
class Group {
 public:
  explicit Group(const Problem& problem)
      : c_(problem.calls * problem.m * problem.n), expected_(c_.size()) {
    const auto& [m, n, k, a_format, b_format, calls] = problem;
    ng::GemmOptions options;
    const bool integers =
        ng::info(a_format).is_plain_integer() && ng::info(b_format).is_plain_integer();
    if (!integers) options.epilogue = ng::FloatEpilogue{};
    output_ = ng::output_format(options.epilogue);
    rows_ = m;
    cols_ = n;
    for (std::uint32_t i = 0; i < calls; ++i) {
      a_.push_back(random_operand(a_format, ng::Side::kA, m, k, 2 * i + 1));
      b_.push_back(random_operand(b_format, ng::Side::kB, k, n, 2 * i + 2));
      // As callers hold integers: in rows, so that packing transposes them.
      ng::MatrixView b = b_.back().view();
      if (ng::info(b_format).is_plain_integer()) {
        b = ng::MatrixView::row_major(b_.back().codes.data(), b_format, k, n);
      }
      group_.push_back({a_.back().view(), b, options, {}});
    }
    run(ng::Device::open("reference"), expected_);
  }

  ng::Report run(const ng::Device& device) {
    std::ranges::fill(c_, -1);
    return run(device, c_);
  }
  bool is_right() const { return c_ == expected_; }

 private:
  ng::Report run(const ng::Device& device, std::vector<std::int32_t>& into) {
    for (std::size_t i = 0; i < group_.size(); ++i) {
      group_[i].c = ng::OutputView::row_major(&into[i * rows_ * cols_], output_, rows_, cols_);
    }
    return ng::gemm(device, group_);
  }

  std::size_t rows_ = 0, cols_ = 0;
  ng::OutputFormat output_{};
  std::vector<ng::QuantizedMatrix> a_, b_;
  std::vector<ng::GemmCall> group_;
  std::vector<std::int32_t> c_, expected_;  // or as many floats
};

}  // namespace

Product measure_product(const ng::Device& device, const Problem& problem, const Effort& effort) {
  Group group(problem);
  Product product{problem, {}, {}, 0, 0, true};
  std::vector<double> host, transfers;
  const auto run = [&] {
    product.report = group.run(device);
    host.push_back(product.report.host_cpu_s);
    transfers.push_back(product.report.transfer_cpu_s);
    product.equal_to_reference = product.equal_to_reference && group.is_right();
  };
  product.wall = effort.repeats == 0 ? times_of({seconds_of(run)}) : repeat(effort, run);
  product.host_cpu_s = times_of(host).median_s;
  product.transfer_cpu_s = times_of(transfers).median_s;
  return product;
}

void stay_on_one_core() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(std::max(0, sched_getcpu())), &one);
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    sched_setaffinity(std::stoi(task.path().filename().string()), sizeof(one), &one);
  }
}

}  // namespace bench
