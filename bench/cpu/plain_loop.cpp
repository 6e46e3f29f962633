// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cpu/cpu.hpp"

namespace bench::cpu {
namespace {

/// The three loops in the order that lets a compiler vectorise the innermost one; nothing else.
void multiply(const Operands& x, std::int32_t* c) {
  std::fill_n(c, x.m * x.n, 0);
  for (std::size_t i = 0; i < x.m; ++i) {
    for (std::size_t k = 0; k < x.k; ++k) {
      const std::int32_t a = x.a[i * x.k + k];
      const std::int8_t* const row = &x.b[k * x.n];
      std::int32_t* const out = c + i * x.n;
      for (std::size_t j = 0; j < x.n; ++j) out[j] += a * row[j];
    }
  }
}

}  // namespace

Implementation plain_loop() {
  return {"plain C++ int8 loop (-O3)", "g++ " __VERSION__, "",
          [](const Operands& x, std::vector<std::int32_t>& c) {
            return [&x, &c] { multiply(x, c.data()); };
          }};
}

}  // namespace bench::cpu
