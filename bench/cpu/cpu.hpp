// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The same products on this machine's processor, one thread, for scale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "measure.hpp"

namespace bench::cpu {

/// A and B row-major in INT8, C in what the implementation makes of it, as int32.
struct Operands {
  std::size_t m, n, k;
  std::vector<std::int8_t> a;
  std::vector<std::int8_t> b;
};

/// A way to multiply. `prepare` converts the operands, which is not measured, and returns the work,
/// which is, and which leaves the result in `c`.
struct Implementation {
  std::string name;
  std::string version;
  std::string skipped;  ///< why there is none, and the command that mends it; else empty
  std::function<std::function<void()>(const Operands&, std::vector<std::int32_t>& c)> prepare;
};

Implementation plain_loop();
Implementation openblas();
Implementation onednn();

struct Row {
  std::string implementation;
  std::string version;
  std::string skipped;
  Problem problem;
  Times wall;
  bool equal = true;  ///< every result to the int32 sums
  double macs_per_s() const { return problem.macs() / wall.median_s; }
};

/// A cube with k ≤ 1024, so that FP32 holds every sum of INT8 products exactly and all agree.
std::vector<Row> measure(std::size_t size, const Effort& effort);

}  // namespace bench::cpu
