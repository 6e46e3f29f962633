// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Products of BF16 and FP16 matrices on the host, without a device: no card multiplies them. They
// are what a product in narrow formats is compared with.
#pragma once

#include <vector>

#include "narrowgate/quantize.hpp"

namespace narrowgate {

/// C = A·B, M×N in row-major order: each element is the exact sum of the exact products over all of
/// K, rounded to FP32 once (to nearest even, with subnormals). A product of a NaN, or of an
/// infinity with 0, or infinities of both signs make a NaN (0x7FC00000); other infinities an
/// infinity. The exact sum of nothing but zeros, or one that cancels, is +0. A and B are BF16 or
/// FP16, of any strides. `threads` as in QuantizeOptions. Thread safety: may be called at once.
/// Throws ShapeError for views that make no sense or do not fit one another and UnsupportedError
/// for FP32.
std::vector<float> exact_product(const FloatView& a, const FloatView& b, unsigned threads = 0);

}  // namespace narrowgate
