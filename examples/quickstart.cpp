// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A product of two random matrices on the simulated card, compared with the reference.
// Another device: quickstart reference, quickstart 0.
#include <cstdio>
#include <exception>
#include <narrowgate/narrowgate.hpp>
#include <random>
#include <vector>

namespace ng = narrowgate;

int main(int argc, char** argv) try {
  constexpr std::size_t kM = 100, kN = 70, kK = 300;
  std::mt19937 random(42);
  std::vector<std::int8_t> a(kM * kK), b(kK * kN);
  for (std::int8_t& value : a) value = static_cast<std::int8_t>(random());
  for (std::int8_t& value : b) value = static_cast<std::int8_t>(random());

  const auto multiply = [&](const ng::Device& device, std::vector<std::int32_t>& c) {
    return ng::gemm(device, ng::MatrixView::row_major(a.data(), ng::Format::kInt8, kM, kK),
                    ng::MatrixView::row_major(b.data(), ng::Format::kInt8, kK, kN), {},
                    ng::OutputView::row_major(c.data(), kM, kN));
  };
  std::vector<std::int32_t> on_card(kM * kN), expected(kM * kN);
  const ng::Report report = multiply(ng::Device::open(argc > 1 ? argv[1] : "emulator"), on_card);
  multiply(ng::Device::open("reference"), expected);
  const bool equal = on_card == expected;
  std::printf("%s, %llu cycles\n", equal ? "all results equal" : "RESULTS DIFFER",
              static_cast<unsigned long long>(report.cycles));
  return equal ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "quickstart: %s\n", error.what());
  return 1;
}
