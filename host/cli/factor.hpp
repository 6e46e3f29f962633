// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A factor of a product from a file: codes as they are, matrices in quantised layouts without loss,
// or numbers quantised on the way.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "narrowgate/quantize.hpp"
#include "npy.hpp"

namespace narrowgate::cli {

/// A matrix with the memory that it lives in.
class Factor {
 public:
  Factor(NpyArray array, Format format) : array_(std::move(array)), format_(format) {}
  explicit Factor(QuantizedMatrix matrix)
      : quantized_(std::move(matrix)), format_(quantized_->format) {}

  MatrixView view() const;
  bool was_quantized() const { return quantized_.has_value(); }
  /// Of the quantisation: 0 where the format has none, or the file held codes.
  int zero() const { return quantized_ ? quantized_->zero : 0; }
  /// One for each row of an A or column of a B, where the matrix has such.
  std::span<const float> lane_scales() const {
    return quantized_ ? std::span<const float>(quantized_->lane_scales) : std::span<const float>();
  }
  /// As the user would write it: "mxfp4", "int4_g128".
  std::string format_name() const;

 private:
  NpyArray array_;
  std::optional<QuantizedMatrix> quantized_;
  Format format_;
};

/// Reads a matrix for one side of the product: `text` is FILE, or FILE:TENSOR where the file holds
/// several. `format` may be empty for 8-bit integers, which are then taken as they are, and for
/// matrices in quantised layouts (`inspect` lists them), whose rows are an A's rows or a B's
/// columns. Other numbers are quantised to it: scale rule floor, saturating, to nearest even, one
/// scale a tensor where the format has no block scales. Arrays of 8-bit integers are elements of a
/// format without scales. `transposed`: a plain tensor holds the factor's transpose.
/// Throws InputError.
Factor read_factor(const std::string& text, const std::string& format, Side side,
                   bool transposed = false);

}  // namespace narrowgate::cli
