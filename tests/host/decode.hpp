// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Codes to numbers, by literal tables and formulas that owe nothing to the library's.
#pragma once

#include <cstdint>

namespace narrowgate::testing {

/// An element by the seams' code (0 INT8 ... 8 E5M2), of bits that may have rubbish above it.
double decode_element(std::uint32_t element, std::uint32_t bits);
/// The exponent of the smallest step of that element, and its width.
int element_lsb(std::uint32_t element);
unsigned element_bits(std::uint32_t element);

double decode_e8m0(std::uint8_t code);
double decode_ue4m3(std::uint8_t code);

}  // namespace narrowgate::testing
