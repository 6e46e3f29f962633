// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "measure.hpp"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <functional>
#include <random>
#include <vector>

#include "pack/pack.hpp"

namespace bench {
namespace ng = narrowgate;
namespace {

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::vector<std::uint8_t> random_matrix(ng::Format format, std::size_t elements,
                                        std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> value(ng::info(format).min, ng::info(format).max);
  std::vector<std::uint8_t> bytes(elements);
  std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(value(random)); });
  return bytes;
}

}  // namespace

std::string Shape::name() const {
  return std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k) + " " +
         std::string(ng::info(a).name) + " x " + std::string(ng::info(b).name);
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
  out.codes = random_matrix(format, rows * cols, seed);
  return out;
}

}  // namespace

Product measure_product(const ng::Device& device, const Shape& shape, int repeats) {
  const auto [m, n, k, a_format, b_format] = shape;
  const ng::QuantizedMatrix a = random_operand(a_format, ng::Side::kA, m, k, 1);
  // As callers hold integers: in rows, so that packing transposes them.
  const ng::QuantizedMatrix b = random_operand(b_format, ng::Side::kB, k, n, 2);
  ng::MatrixView b_view = b.view();
  if (ng::info(b_format).is_plain_integer()) {
    b_view = ng::MatrixView::row_major(b.codes.data(), b_format, k, n);
  }
  ng::GemmOptions options;
  const bool integers =
      ng::info(a_format).is_plain_integer() && ng::info(b_format).is_plain_integer();
  if (!integers) options.epilogue = ng::FloatEpilogue{};
  const ng::OutputFormat output = ng::output_format(options.epilogue);
  std::vector<std::int32_t> c(m * n);  // or as many floats
  std::vector<std::int32_t> expected(m * n);
  const auto multiply = [&](const ng::Device& on, std::vector<std::int32_t>& into) {
    return ng::gemm(on, a.view(), b_view, options,
                    ng::OutputView::row_major(into.data(), output, m, n));
  };
  Product product{shape, multiply(device, c), 0, repeats, false};
  multiply(ng::Device::open("reference"), expected);
  product.equal_to_reference = c == expected;
  std::vector<double> seconds;
  for (int i = 0; i < repeats; ++i) {
    seconds.push_back(seconds_of([&] { product.report = multiply(device, c); }));
    product.equal_to_reference = product.equal_to_reference && c == expected;
  }
  product.median_wall_s = median(seconds);
  return product;
}

Packing measure_packing() {
  // 16 MiB: larger than a core's caches, so that memory sets the pace of both.
  constexpr std::size_t kSize = 4096;
  constexpr int kRepeats = 15;
  const std::vector<std::uint8_t> matrix = random_matrix(ng::Format::kInt8, kSize * kSize, 3);
  std::vector<std::uint8_t> out(matrix.size());
  const auto pack = [&](ng::Side side, bool row_major) {
    const auto make = row_major ? ng::MatrixView::row_major : ng::MatrixView::col_major;
    ng::internal::pack_panels({}, side, make(matrix.data(), ng::Format::kInt8, kSize, kSize, 0),
                              out);
  };
  const std::vector<std::function<void()>> works = {
      [&] { std::memcpy(out.data(), matrix.data(), matrix.size()); },
      [&] { pack(ng::Side::kA, true); },
      [&] { pack(ng::Side::kB, true); },
      [&] { pack(ng::Side::kA, false); },
      [&] { pack(ng::Side::kB, false); },
  };
  std::vector<std::vector<double>> seconds(works.size());
  for (int i = 0; i < kRepeats; ++i) {
    for (std::size_t w = 0; w < works.size(); ++w) seconds[w].push_back(seconds_of(works[w]));
  }
  const auto bandwidth = [&](std::size_t w) {
    return static_cast<double>(matrix.size()) / median(seconds[w]);
  };
  return {bandwidth(0), bandwidth(1), bandwidth(2), bandwidth(3), bandwidth(4)};
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
