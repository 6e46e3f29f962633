// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Random bits for stochastic rounding: a function of a seed and of a counter, so that the bits of
// an element do not depend on who asks first.
#pragma once

#include <cstdint>

#include "formats/inline.hpp"

namespace narrowgate::internal {

/// 32 uniform bits: SplitMix64's output function (Steele, Lea, Flood: Fast Splittable Pseudorandom
/// Number Generators, OOPSLA 2014) of a counter whose start the seed scatters.
NG_INLINE constexpr std::uint32_t random_bits(std::uint64_t seed, std::uint64_t counter) {
  constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15;
  const auto mix = [](std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  };
  return static_cast<std::uint32_t>(mix(mix(seed + kStep) + (counter + 1) * kStep) >> 32);
}

}  // namespace narrowgate::internal
