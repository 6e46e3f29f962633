// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/scales.hpp"

#include <cmath>
#include <string>

namespace narrowgate::internal {
namespace {

constexpr std::uint8_t kLargestUe4m3 = 0x7F;  // the sign bit is not there
constexpr int kLargestZero = 15;

}  // namespace

ScaleReader::ScaleReader(Side side, const MatrixView& matrix)
    : name_(side == Side::kA ? "A" : "B"),
      scales_(matrix.scales),
      kind_(info(matrix.format).scale),
      lanes_(side == Side::kA ? matrix.rows : matrix.cols) {
  const std::size_t k = side == Side::kA ? matrix.cols : matrix.rows;
  blocks_ = (k + matrix.block() - 1) / matrix.block();
}

void ScaleReader::check() const {
  const bool any_code = kind_ == ScaleKind::kE8m0;
  if (any_code) return;
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    for (std::size_t block = 0; block < blocks_; ++block) check_one(lane, block);
  }
}

void ScaleReader::check_one(std::size_t lane, std::size_t block) const {
  if (kind_ == ScaleKind::kUe4m3) {
    if (code(lane, block) > kLargestUe4m3) {
      refuse("scale code", code(lane, block), "that of UE4M3 is 0 to 127", lane, block);
    }
    return;
  }
  if (std::isinf(number(lane, block))) {
    refuse("scale", number(lane, block), "it must be finite or NaN", lane, block);
  }
  if (kind_ == ScaleKind::kFp32AndZero && zero(lane, block) > kLargestZero) {
    refuse("zero-point", zero(lane, block), "that of uint4 is 0 to 15", lane, block);
  }
}

void ScaleReader::refuse(const char* what, double value, const char* range, std::size_t lane,
                         std::size_t block) const {
  const std::string number =
      std::isinf(value) ? std::to_string(value) : std::to_string(static_cast<int>(value));
  throw ValueRangeError("matrix " + std::string(name_) + " has the " + what + " " + number +
                        " for block " + std::to_string(block) + " of " +
                        (*name_ == 'A' ? "row " : "column ") + std::to_string(lane) + ": " + range);
}

}  // namespace narrowgate::internal
