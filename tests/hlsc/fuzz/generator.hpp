// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Random kernels of the subset: the same seed gives the same kernel.
#pragma once

#include <cstdint>
#include <string>

namespace fuzz {

// Source of kernel fuzz_<seed>, with its COSIM_KERNEL block.
std::string GenerateKernel(uint64_t seed);

}  // namespace fuzz
