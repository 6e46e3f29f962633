// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Which products an image's kernel computes.
#pragma once

#include "core/card_image.hpp"
#include "narrowgate/gemm.hpp"

namespace narrowgate::internal {

/// Throws UnsupportedError for a pair of formats that the image does not hold, naming those that it
/// does, and for what no kernel can do (docs/seams.md section 11); AccumulatorRangeError for blocks
/// too long for its exact sums. The problem has passed check_problem(), and both formats are the
/// image's.
void check_offer(const CardImage& image, const Problem& problem);

}  // namespace narrowgate::internal
