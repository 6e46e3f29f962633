// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Sums in blocks: exact within a block, scaled and rounded to FP32 once, and added up in FP32 in
// ascending k (docs/seams.md section 11, "Sums").
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "reference/dense_matrix.hpp"

namespace narrowgate::internal {

class ScaledSums {
 public:
  /// Both matrices must stay. The problem must have passed check_problem().
  ScaledSums(const DenseMatrix& a, const DenseMatrix& b, const Problem& problem);
  ~ScaledSums();

  /// Row m of the sums, N of them.
  void row(std::size_t m, std::span<float> sums);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace narrowgate::internal
