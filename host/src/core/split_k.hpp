// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Products of few rows and columns but a long K: slices of K side by side in the array.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/engine.hpp"
#include "pack/layout.hpp"

namespace narrowgate::internal {

/// How many slices of K a card makes of a product with int32 results: 1 for none.
std::size_t slices_of_k(const Geometry& geometry, std::size_t m, std::size_t n, std::size_t k);

/// C = Σₛ A[:, Kₛ]·B[Kₛ, :] as one product of S·M rows and S·N columns whose K is a slice's: block
/// (s, s) of its result is slice s's share of C. The array computes the other blocks too, in cells
/// that C alone would leave idle, so that the product takes S times fewer steps. Int32 sums only,
/// which are exact whatever their order; FP32 sums are defined in ascending k and are never split.
class SplitProduct {
 public:
  /// The split product, or nothing where one slice is all, or an element lies outside its format
  /// (which packing reports).
  static std::optional<SplitProduct> of(const Geometry& geometry, const Request& request);

  SplitProduct(SplitProduct&&) = default;
  SplitProduct& operator=(SplitProduct&&) = default;
  SplitProduct(const SplitProduct&) = delete;  // the request's views are of this object's vectors
  SplitProduct& operator=(const SplitProduct&) = delete;

  /// What the card is to do instead. Views point into this object.
  const Request& request() const { return split_; }
  /// Adds up the slices, once the split product's result is there: writes the caller's C.
  void combine() const;

 private:
  SplitProduct(const Request& request, std::size_t slices);
  bool fill(Side side);

  std::size_t slices_;
  Request whole_;
  Request split_;
  std::vector<std::uint8_t> a_, b_;  // an element a byte, vectors of K one after the other
  std::vector<std::int32_t> c_;
};

}  // namespace narrowgate::internal
