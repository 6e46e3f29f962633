// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The one source of randomness of a test: the same seed gives the same run on every machine.
#pragma once

#include <cstdint>
#include <random>

#include "bits.hpp"

namespace cosim {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  // Uniform in [low, high].
  int64_t Between(int64_t low, int64_t high) {
    const uint64_t span = static_cast<uint64_t>(high - low) + 1;
    return low + static_cast<int64_t>(span == 0 ? engine_() : engine_() % span);
  }
  bool OneIn(int n) { return Between(1, n) == 1; }

  // Full range; one value in eight is an extreme: 0, 1, all ones, most negative, most positive.
  Bits Value(int width);

 private:
  std::mt19937_64 engine_;
};

}  // namespace cosim
