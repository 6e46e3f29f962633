// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// From the caller's matrix to packed panels (docs/seams.md sections 1 and 11).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "narrowgate/gemm.hpp"
#include "narrowgate/matrix.hpp"
#include "pack/panel_layout.hpp"

namespace narrowgate::internal {

/// Writes the panels of `matrix` to `out` (PanelLayout::bytes() long; every byte is written) and
/// returns Σₖ code − offset for each row of A or column of B, or zeros for formats other than plain
/// integers. Blocks are of `block` steps; 0 stands for the matrix's own. Throws ValueRangeError for
/// an element, scale or zero-point outside its format's range. One thread; reads and writes every
/// byte about once.
std::vector<std::int32_t> pack_panels(const Geometry& geometry, Side side, const MatrixView& matrix,
                                      std::span<std::uint8_t> out, std::size_t block = 0);

}  // namespace narrowgate::internal
