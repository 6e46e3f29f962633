// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// How fast the quantisers are: bytes of FP32 input a second on one core, with packing and without.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <narrowgate/narrowgate.hpp>

#include "measure.hpp"
#include "pack/pack.hpp"

namespace ng = narrowgate;

namespace {

double median_seconds(int repeats, const std::function<void()>& work) {
  work();
  std::vector<double> seconds;
  for (int i = 0; i < repeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::ranges::sort(seconds);
  return seconds[seconds.size() / 2];
}

void measure(const std::vector<float>& values, std::size_t size, int repeats) {
  const ng::FloatView matrix = ng::FloatView::row_major(values.data(), size, size);
  const double bytes = static_cast<double>(values.size() * sizeof(float));
  ng::QuantizeOptions options;
  options.threads = 1;
  const auto rate = [&](const std::function<void()>& work) {
    return bytes / median_seconds(repeats, work) / 1e9;
  };
  std::vector<float> copy(values.size());
  std::printf("%zu x %zu FP32, one core, GB/s of input; memcpy %.2f\n", size, size, rate([&] {
                std::memcpy(copy.data(), values.data(), values.size() * sizeof(float));
              }));
  std::printf("%-12s %10s %10s %12s %10s\n", "format", "A", "B", "A + packing", "dequantise");
  for (const char* name :
       {"mxfp4", "mxfp6_e2m3", "mxfp6_e3m2", "mxfp8_e4m3", "mxfp8_e5m2", "mxint8", "nvfp4",
        "int8_g128", "int4_g128", "uint4_g128", "fp8_e4m3", "int8"}) {
    const ng::BlockedFormat format = ng::parse_blocked_format(name);
    ng::QuantizedMatrix q;
    const double a = rate([&] { q = ng::quantize(matrix, ng::Side::kA, format, options); });
    const double b = rate([&] { q = ng::quantize(matrix, ng::Side::kB, format, options); });
    const ng::internal::Geometry geometry{};
    const auto layout = ng::internal::PanelLayout::of(geometry, ng::Side::kA, format.format, size,
                                                      size, format.block);
    std::vector<std::uint8_t> packed(layout.bytes());
    const double with_packing = rate([&] {
      q = ng::quantize(matrix, ng::Side::kA, format, options);
      ng::internal::pack_panels(geometry, ng::Side::kA, q.view(), packed);
    });
    const double back = rate([&] { copy = ng::dequantize(q, 1); });
    std::printf("%-12s %10.2f %10.2f %12.2f %10.2f\n", name, a, b, with_packing, back);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures the quantisers.");
  std::size_t size = 4096;
  int repeats = 5;
  app.add_option("--size", size, "rows and columns of the matrix")
      ->capture_default_str()
      ->check(CLI::Range(1, 32768));
  app.add_option("--repeat", repeats, "measured calls")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);
  try {
    bench::stay_on_one_core();
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<float> values(size * size);
    for (float& x : values) x = normal(random);
    measure(values, size, repeats);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ng-bench-quantising: %s\n", error.what());
    return 1;
  }
  return 0;
}
