// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The scales that stand in a panel before its blocks (docs/seams.md section 11).
#pragma once

#include <cstdint>

#include "core/scales.hpp"
#include "pack/panel_layout.hpp"

namespace narrowgate::internal {

/// Writes all scale beats of panel `panel`, which begins at `out`. Throws ValueRangeError.
void pack_scales(const ScaleReader& reader, const PanelLayout& layout, std::size_t panel,
                 std::uint8_t* out);

}  // namespace narrowgate::internal
