// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// From the caller's matrix to packed panels (docs/seams.md section 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "narrowgate/gemm.hpp"
#include "narrowgate/matrix.hpp"
#include "pack/layout.hpp"

namespace narrowgate::internal {

/// Writes the panels of `matrix` to `out` (PanelLayout::bytes() long; every byte is written) and
/// returns Σₖ code − offset for each row of A or column of B. Throws ValueRangeError for a 4-bit
/// element outside its format's range. One thread; reads and writes every byte about once.
std::vector<std::int32_t> pack_panels(const Geometry& geometry, Side side, const MatrixView& matrix,
                                      std::span<std::uint8_t> out);

}  // namespace narrowgate::internal
