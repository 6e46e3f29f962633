// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Exact numbers, integer times a power of two, and their one rounding to FP32.
#pragma once

namespace narrowgate::internal {

/// GCC's and Clang's 128-bit integer, which -Wpedantic would not know.
__extension__ using Wide = __int128;

/// RNE₃₂(integer · 2^exponent): subnormals and overflow to infinity as IEEE 754 has them.
float round_to_float(Wide integer, int exponent);

/// RNE₃₂(integer · 2^exponent · scale), the product being exact. It must fit: the scale's
/// significant bits and the integer's are 127 at most together. A NaN scale gives NaN.
float scale_and_round(Wide integer, int exponent, double scale);

}  // namespace narrowgate::internal
