// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What the formats are tried on: classifying images, and finding the nearest words.
#pragma once

#include <cstdint>
#include <vector>

#include "fashion_mnist/network.hpp"
#include "formats/operands.hpp"

namespace examples {

/// How well a task went in one pair of formats.
struct Outcome {
  double score = 0;  ///< share of what is right, 0 … 1
  Account account;
};

/// The share of the images that the network classifies as labelled, in FP32 on the host.
double classify_exactly(const Network& network, const Dataset& test);
/// The same with both layers' weights and activations in `operands`.
Outcome classify(const narrowgate::Device& device, const Operands& operands, const Network& network,
                 const Dataset& test);

/// Indices of the nearest vectors of each query, the nearest first.
using Neighbours = std::vector<std::vector<std::uint32_t>>;
inline constexpr std::size_t kNeighbours = 10;

/// A search: which of `vectors` (unit vectors in rows) are nearest to some of them.
class Search {
 public:
  /// Every (rows / queries)-th vector is a query. Needs more than kNeighbours vectors, and 1 to as
  /// many queries; throws std::runtime_error.
  Search(const Matrix& vectors, std::size_t queries);

  /// recall@10: the share of the ten nearest by FP32 cosine that are among the ten found.
  Outcome run(const narrowgate::Device& device, const Operands& operands) const;

 private:
  Neighbours nearest(const Matrix& similarities) const;

  std::vector<std::uint32_t> query_rows_;
  Matrix queries_;  ///< queries × dimensions
  Matrix words_;    ///< dimensions × vectors
  Neighbours expected_;
};

}  // namespace examples
