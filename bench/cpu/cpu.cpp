// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "cpu/cpu.hpp"

#include <stdexcept>

namespace bench::cpu {
namespace {

Operands random_operands(std::size_t size) {
  const auto matrix = [&](std::uint32_t seed) {
    const std::vector<std::uint8_t> bytes =
        random_integers(narrowgate::Format::kInt8, size * size, seed);
    return std::vector<std::int8_t>(bytes.begin(), bytes.end());
  };
  return {size, size, size, matrix(1), matrix(2)};
}

/// What the reference makes of the same operands.
std::vector<std::int32_t> expected_of(const Operands& x) {
  namespace ng = narrowgate;
  std::vector<std::int32_t> c(x.m * x.n);
  ng::gemm(ng::Device::open("reference"),
           ng::MatrixView::row_major(x.a.data(), ng::Format::kInt8, x.m, x.k),
           ng::MatrixView::row_major(x.b.data(), ng::Format::kInt8, x.k, x.n), {},
           ng::OutputView::row_major(c.data(), x.m, x.n));
  return c;
}

}  // namespace

std::vector<Row> measure(std::size_t size, const Effort& effort) {
  constexpr std::size_t kMostExact = 1024;  // 1024 · 128 · 128 = 2^24
  if (size > kMostExact) throw std::invalid_argument("k > 1024: FP32 sums may round");
  const Operands operands = random_operands(size);
  const std::vector<std::int32_t> expected = expected_of(operands);
  std::vector<Row> rows;
  for (const Implementation& implementation : {plain_loop(), openblas(), onednn()}) {
    Row row{implementation.name,
            implementation.version,
            implementation.skipped,
            {size, size, size, narrowgate::Format::kInt8, narrowgate::Format::kInt8},
            {},
            true};
    if (row.skipped.empty()) {
      std::vector<std::int32_t> c(size * size, -1);
      row.wall = repeat(effort, implementation.prepare(operands, c));
      row.equal = c == expected;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace bench::cpu
