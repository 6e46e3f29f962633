// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Groups of random calls.
#pragma once

#include <cstdint>
#include <vector>

#include "random_problem.hpp"

namespace narrowgate::testing {

/// Calls of pairs and shapes that the device takes, for a group, with epilogues up to `last_kind`.
std::vector<RandomCall> random_group(const Device& device, std::uint64_t seed, std::size_t count,
                                     int last_kind);
/// The C of each call of a group, likewise. Some factors are resident.
std::vector<std::vector<std::uint32_t>> group_bits(const Device& device,
                                                   const std::vector<RandomCall>& calls,
                                                   std::uint64_t seed);

}  // namespace narrowgate::testing
