// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A factor of a product from a .npy file: codes as they are, or numbers quantised on the way.
#pragma once

#include <optional>
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
  /// As the user would write it: "mxfp4", "int4_g128".
  std::string format_name() const;

 private:
  NpyArray array_;
  std::optional<QuantizedMatrix> quantized_;
  Format format_;
};

/// Reads a 2-D array for one side of the product. `format` may be empty for 8-bit integers, which
/// are then taken as they are. Arrays of floating-point numbers are quantised to it: scale rule
/// floor, saturating, to nearest even, one scale a tensor where the format has no block scales.
/// Arrays of 8-bit integers are elements of a format without scales. Throws InputError.
Factor read_factor(const std::string& path, const std::string& format, Side side);

}  // namespace narrowgate::cli
