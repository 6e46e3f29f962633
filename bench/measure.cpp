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

Product measure_product(const ng::Device& device, const Shape& shape, int repeats) {
  const auto [m, n, k, a_format, b_format] = shape;
  const std::vector<std::uint8_t> a = random_matrix(a_format, m * k, 1);
  const std::vector<std::uint8_t> b = random_matrix(b_format, k * n, 2);
  std::vector<std::int32_t> c(m * n);
  std::vector<std::int32_t> expected(m * n);
  const ng::MatrixView a_view = ng::MatrixView::row_major(a.data(), a_format, m, k);
  const ng::MatrixView b_view = ng::MatrixView::row_major(b.data(), b_format, k, n);
  const auto multiply = [&](const ng::Device& on, std::vector<std::int32_t>& into) {
    return ng::gemm(on, a_view, b_view, {}, ng::OutputView::row_major(into.data(), m, n));
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
