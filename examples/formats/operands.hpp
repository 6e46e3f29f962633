// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The pairs of formats that the study compares, and a product in one of them.
#pragma once

#include <cstdint>
#include <narrowgate/narrowgate.hpp>
#include <narrowgate/quantize.hpp>
#include <string>
#include <vector>

#include "fashion_mnist/network.hpp"

namespace examples {

struct Operands {
  narrowgate::BlockedFormat a;
  narrowgate::BlockedFormat b;

  std::string name() const;  ///< "mxfp4", or "int8 × int4_g32" when the two differ
};

/// Every operand format of the library on the side of B, and on that of A the same but for two:
/// integer groups meet INT8, as a product takes FP32 scales on one side only, and E5M2 with a
/// tensor scale meets E4M3, as exact sums of two E5M2 are too wide for a card beyond K = 167. Last
/// come mixed pairs that people run.
std::vector<Operands> all_operands();

/// Bits that an element takes up with its share of the block's scale (and zero-point).
double bits_per_element(narrowgate::BlockedFormat format);

/// What the products of one run took, and a fingerprint of every bit that they gave.
struct Account {
  std::uint64_t cycles = 0;
  std::uint64_t macs = 0;
  std::uint64_t fingerprint = 0xCBF29CE484222325;  ///< FNV-1a of the results' FP32 codes
};

/// epilogue(A·B), both quantised with the library's defaults: one scale for the tensor where the
/// format has no block scales, scale rule floor, saturating. Adds to `account`.
Matrix multiply(const narrowgate::Device& device, const Operands& operands, const Matrix& a,
                const Matrix& b, const narrowgate::FloatEpilogue& epilogue, Account& account);

}  // namespace examples
