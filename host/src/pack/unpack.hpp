// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// From the kernel's tiles to the caller's matrix (docs/seams.md section 3).
#pragma once

#include <cstdint>
#include <span>

#include "narrowgate/matrix.hpp"
#include "pack/layout.hpp"
#include "pack/tile_plan.hpp"

namespace narrowgate::internal {

/// Writes every element of `c` from the tiles in `result` (ResultLayout::bytes() long), dropping
/// the rows and columns that fill up the last tiles. No other memory of the caller is touched. The
/// results of the plan's calls follow one another.
void unpack_result(const Geometry& geometry, const TilePlan& plan,
                   std::span<const std::uint8_t> result, const OutputView& c);

}  // namespace narrowgate::internal
