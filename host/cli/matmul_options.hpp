// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What `narrowgate matmul` was asked to do, and the call of the library that it means.
#pragma once

#include <optional>
#include <string>

#include "device_options.hpp"
#include "factor.hpp"
#include "narrowgate/gemm.hpp"

namespace narrowgate::cli {

struct MatmulOptions {
  std::string a_path;
  std::string b_path;
  std::string c_path;
  bool a_transposed = false;
  bool b_transposed = false;
  std::string a_format;  ///< empty: after the file's element type
  std::string b_format;
  std::string out_format;  ///< empty: as choose_output() says
  std::optional<int> a_zero;
  std::optional<int> b_zero;
  std::optional<int> out_zero;
  std::optional<double> scale;
  std::string scales_path;
  std::string bias_path;
  std::string rounding;  ///< empty: onnx
  bool relu = false;
  std::string activation;  ///< empty: none
  bool verify = false;
  bool as_json = false;
  DeviceOptions device;
};

/// int32 for integers, float32 for everything else, unless the user has said.
void choose_output(const Factor& a, const Factor& b, MatmulOptions& options);

/// The zero-points and the epilogue that the options ask for. Throws InputError for options that
/// contradict one another and for vectors that do not fit.
GemmOptions gemm_options(const MatmulOptions& options, const Factor& a, const Factor& b);

}  // namespace narrowgate::cli
