// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// From FP32 results to what the caller gets: activations and encodings (docs/seams.md, section 12).
#pragma once

#include <cstddef>
#include <vector>

#include "narrowgate/epilogue.hpp"
#include "narrowgate/matrix.hpp"

namespace narrowgate::internal {

/// The activation of one number, with the logistic function of hls/gemm/sigmoid.hpp and one
/// rounding; NaN as 0x7FC00000.
float activate(Activation activation, float x);

/// Stores row `m` of C: activation, clamp, and the encoding of c.format.
void store_floats(const FloatEpilogue& epilogue, std::size_t m, std::vector<float>& row,
                  const OutputView& c);

}  // namespace narrowgate::internal
