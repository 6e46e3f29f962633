// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "factor.hpp"

#include <fmt/format.h>

#include <vector>

#include "failure.hpp"

namespace narrowgate::cli {
namespace {

Factor quantized(const NpyArray& array, const std::string& path, const std::string& format,
                 Side side) {
  if (format.empty()) {
    throw InputError(fmt::format("{}: {}: say in which format to multiply, --{}-format", path,
                                 info(array.type).name, side == Side::kA ? "a" : "b"));
  }
  std::vector<float> numbers;
  if (array.type == NpyType::kFloat32) {
    const auto values = array.as<float>();
    numbers.assign(values.begin(), values.end());
  } else {
    for (const double value : array.as<double>()) numbers.push_back(static_cast<float>(value));
  }
  const std::size_t rows = array.shape[0];
  const std::size_t cols = array.shape[1];
  const FloatView view =
      array.fortran_order ? FloatView::col_major(numbers.data(), FloatType::kFloat32, rows, cols)
                          : FloatView::row_major(numbers.data(), FloatType::kFloat32, rows, cols);
  return Factor(quantize(view, side, parse_blocked_format(format)));
}

/// The type of the arrays that hold a format's elements.
NpyType type_of(const FormatInfo& format) {
  return format.is_signed ? NpyType::kInt8 : NpyType::kUint8;
}

Factor elements(NpyArray array, const std::string& path, const std::string& format) {
  const FormatInfo& f = narrowgate::info(
      parse_blocked_format(format.empty() ? info(array.type).name : format).format);
  if (f.has_scales()) {
    throw InputError(
        fmt::format("{}: {}: format {} has scales, which come from quantising a "
                    "float32 or float64 array",
                    path, info(array.type).name, f.name));
  }
  if (array.type != type_of(f)) {
    throw InputError(fmt::format("{}: {}: format {} comes as {}, or as float32 or float64", path,
                                 info(array.type).name, f.name, info(type_of(f)).name));
  }
  return Factor(std::move(array), f.format);
}

}  // namespace

MatrixView Factor::view() const {
  if (quantized_) return quantized_->view();
  const std::size_t rows = array_.shape[0];
  const std::size_t cols = array_.shape[1];
  return array_.fortran_order ? MatrixView::col_major(array_.data.data(), format_, rows, cols)
                              : MatrixView::row_major(array_.data.data(), format_, rows, cols);
}

std::string Factor::format_name() const {
  return to_string(BlockedFormat{format_, quantized_ ? quantized_->block : 0});
}

Factor read_factor(const std::string& path, const std::string& format, Side side) {
  NpyArray array = read_npy(path);
  const bool integers = array.type == NpyType::kInt8 || array.type == NpyType::kUint8;
  const bool floats = array.type == NpyType::kFloat32 || array.type == NpyType::kFloat64;
  if (!integers && !floats) {
    throw InputError(fmt::format(
        "{}: {}: a factor must be int8 (also for int4), uint8 (also for uint4 and codes of "
        "floating-point elements), float32 or float64",
        path, info(array.type).name));
  }
  if (array.shape.size() != 2) {
    throw InputError(
        fmt::format("{}: shape {}: a factor must have 2 dimensions", path, to_string(array.shape)));
  }
  return floats ? quantized(array, path, format, side) : elements(std::move(array), path, format);
}

}  // namespace narrowgate::cli
