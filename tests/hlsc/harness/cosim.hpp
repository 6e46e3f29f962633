// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// One co-simulation: a kernel's C simulation and its RTL on the same inputs under one stall
// profile, compared bit for bit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dut.hpp"
#include "kernel.hpp"
#include "stall.hpp"

namespace cosim {

struct Outcome {
  std::vector<std::string> failures;  // empty when RTL and C simulation agree
  std::vector<uint64_t> cycles;       // of each start, from the kernel's own counter
};

// Never throws: what goes wrong is a failure.
Outcome Cosimulate(const Kernel& kernel, const Design& design, const StallProfile& profile,
                   uint64_t seed);

}  // namespace cosim
