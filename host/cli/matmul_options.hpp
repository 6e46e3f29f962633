// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What `narrowgate matmul` was asked to do, and the call of the library that it means.
#pragma once

#include <optional>
#include <string>

#include "device_options.hpp"
#include "narrowgate/gemm.hpp"
#include "npy.hpp"

namespace narrowgate::cli {

struct MatmulOptions {
  std::string a_path;
  std::string b_path;
  std::string c_path;
  std::string a_format;  ///< empty: after the file's element type
  std::string b_format;
  std::string out_format = "int32";
  int a_zero = 0;
  int b_zero = 0;
  std::optional<int> out_zero;
  std::optional<double> scale;
  std::string scales_path;
  std::string bias_path;
  std::string rounding;  ///< empty: onnx
  bool relu = false;
  bool verify = false;
  bool as_json = false;
  DeviceOptions device;
};

/// A matrix read from a file, and the view over it.
struct NpyMatrix {
  NpyArray array;
  Format format = Format::kInt8;
  MatrixView view() const;
};

/// Reads a 2-D array of 8-bit integers; `format` may be empty. Throws InputError.
NpyMatrix read_matrix(const std::string& path, const std::string& format);

/// The zero-points and the epilogue that the options ask for, for a C of `n` columns. Throws
/// InputError for options that contradict one another and for vectors that do not fit.
GemmOptions gemm_options(const MatmulOptions& options, std::size_t n);

}  // namespace narrowgate::cli
