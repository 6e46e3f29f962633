// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The scales and zero-points of a matrix, found and checked.
#pragma once

#include <cstddef>
#include <cstdint>

#include "narrowgate/gemm.hpp"

namespace narrowgate::internal {

/// Reads BlockScales of an A or a B that has them.
class ScaleReader {
 public:
  ScaleReader(Side side, const MatrixView& matrix);

  std::size_t lanes() const { return lanes_; }
  std::size_t blocks() const { return blocks_; }
  ScaleKind kind() const { return kind_; }

  /// E8M0 or UE4M3.
  std::uint8_t code(std::size_t lane, std::size_t block) const {
    return static_cast<const std::uint8_t*>(scales_.data)[index(lane, block)];
  }
  /// FP32.
  float number(std::size_t lane, std::size_t block) const {
    return static_cast<const float*>(scales_.data)[index(lane, block)];
  }
  /// 8 when the matrix gives none.
  int zero(std::size_t lane, std::size_t block) const {
    return scales_.zeros == nullptr ? 8 : scales_.zeros[index(lane, block)];
  }

  /// Throws ValueRangeError for a UE4M3 code with a sign, an infinite FP32 scale, and a zero-point
  /// above 15.
  void check() const;

 private:
  std::ptrdiff_t index(std::size_t lane, std::size_t block) const {
    return static_cast<std::ptrdiff_t>(lane) * scales_.lane_stride +
           static_cast<std::ptrdiff_t>(block) * scales_.block_stride;
  }
  void check_one(std::size_t lane, std::size_t block) const;
  [[noreturn]] void refuse(const char* what, double value, const char* range, std::size_t lane,
                           std::size_t block) const;

  const char* name_;
  BlockScales scales_;
  ScaleKind kind_;
  std::size_t lanes_;
  std::size_t blocks_;
};

}  // namespace narrowgate::internal
