// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "factor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "failure.hpp"
#include "narrowgate/files.hpp"

namespace narrowgate::cli {
namespace {

std::string option_of(Side side) { return side == Side::kA ? "--a-format" : "--b-format"; }

Factor quantized(const FloatView& numbers, const std::string& what, const std::string& format,
                 Side side) {
  if (format.empty()) {
    throw InputError(fmt::format("{}: say in which format to multiply, {}", what, option_of(side)));
  }
  return Factor(quantize(numbers, side, parse_blocked_format(format)));
}

Factor quantized(const NpyArray& array, const std::string& path, const std::string& format,
                 Side side) {
  std::vector<float> numbers;
  if (array.type == NpyType::kFloat32) {
    const auto values = array.as<float>();
    numbers.assign(values.begin(), values.end());
  } else {
    for (const double value : array.as<double>()) numbers.push_back(static_cast<float>(value));
  }
  const std::size_t rows = array.shape[0];
  const std::size_t cols = array.shape[1];
  return quantized(array.fortran_order
                       ? FloatView::col_major(numbers.data(), FloatType::kFloat32, rows, cols)
                       : FloatView::row_major(numbers.data(), rows, cols),
                   fmt::format("{}: {}", path, info(array.type).name), format, side);
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

namespace {

/// The transpose, over the same memory.
NpyArray transposed_array(NpyArray array) {
  std::swap(array.shape[0], array.shape[1]);
  array.fortran_order = !array.fortran_order;
  return array;
}

void check_dimensions(std::span<const std::size_t> shape, const std::string& what) {
  if (shape.size() == 2) return;
  throw InputError(
      fmt::format("{}: shape {}: a factor must have 2 dimensions", what, to_string(shape)));
}

Factor from_array(NpyArray array, const std::string& what, const std::string& format, Side side,
                  bool transposed) {
  const bool integers = array.type == NpyType::kInt8 || array.type == NpyType::kUint8;
  const bool floats = array.type == NpyType::kFloat32 || array.type == NpyType::kFloat64;
  if (!integers && !floats) {
    throw InputError(fmt::format(
        "{}: {}: a factor must be int8 (also for int4), uint8 (also for uint4 and codes of "
        "floating-point elements), float32 or float64",
        what, info(array.type).name));
  }
  check_dimensions(array.shape, what);
  if (transposed) array = transposed_array(std::move(array));
  return floats ? quantized(array, what, format, side) : elements(std::move(array), what, format);
}

/// FILE or FILE:TENSOR. A file's own name may have colons.
std::pair<std::string, std::string> split(const std::string& text) {
  std::error_code error;
  if (std::filesystem::exists(text, error)) return {text, ""};
  for (std::size_t colon = text.find(':'); colon != std::string::npos;
       colon = text.find(':', colon + 1)) {
    const std::string path = text.substr(0, colon);
    if (std::filesystem::is_regular_file(path, error)) return {path, text.substr(colon + 1)};
  }
  return {text, ""};
}

/// Whether a file may hold several tensors, by its first bytes; others are .npy files, or bad ones.
bool is_container(const std::string& path) {
  std::array<char, 9> start{};
  std::ifstream(path, std::ios::binary).read(start.data(), start.size());
  const std::string_view text(start.data(), start.size());
  return text.starts_with("PK") || text.starts_with("GGUF") || text[8] == '{';
}

/// The matrix that was named, or the only one.
std::string choose(const TensorFile& file, const std::vector<QuantizedInfo>& quantized,
                   const std::string& path, const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  if (quantized.size() == 1) return quantized.front().name;
  if (file.tensors().size() == 1) return file.tensors().front().name;
  throw InputError(
      fmt::format("{}: {} tensors: say which, {}:TENSOR (narrowgate inspect lists them)", path,
                  file.tensors().size(), path));
}

/// A matrix in a layout of quantised ones: as it is, or its numbers in another format.
Factor from_layout(const TensorFile& file, const QuantizedInfo& matrix, const std::string& format,
                   Side side) {
  QuantizedMatrix held = file.load_quantized(matrix.name, side);
  if (format.empty() || parse_blocked_format(format) == matrix.format) {
    if (side == Side::kA && !held.lane_scales.empty()) {
      throw InputError(
          fmt::format("{}: '{}' has a scale for each row, which only a B may have: name another "
                      "format, {}",
                      file.path().string(), matrix.name, option_of(side)));
    }
    return Factor(std::move(held));
  }
  const std::vector<float> numbers = dequantize(held);
  return quantized(FloatView::row_major(numbers.data(), held.rows, held.cols), matrix.name, format,
                   side);
}

Factor from_container(const std::string& path, const std::string& wanted, const std::string& format,
                      Side side, bool transposed) {
  const TensorFile file = TensorFile::open(path);
  const std::vector<QuantizedInfo> layouts = file.quantized();
  const std::string name = choose(file, layouts, path, wanted);
  const auto layout = std::ranges::find(layouts, name, &QuantizedInfo::name);
  if (layout != layouts.end()) {
    if (transposed) {
      throw InputError(fmt::format(
          "{}: '{}' is in a quantised layout, whose rows are always the rows of A or the columns "
          "of B: --{}-transposed does not go with it",
          path, name, side == Side::kA ? "a" : "b"));
    }
    return from_layout(file, *layout, format, side);
  }

  const TensorInfo& tensor = file.tensor(name);
  const std::string what = fmt::format("{}: '{}': {}", path, name, tensor.type_name);
  const bool codes = tensor.type == TensorType::kInt8 || tensor.type == TensorType::kUint8;
  const bool integers = tensor.type >= TensorType::kInt16 && tensor.type <= TensorType::kBool;
  if (integers || tensor.type == TensorType::kE8m0) {
    throw InputError(what + ": a factor must hold 8-bit integers or floating-point numbers");
  }
  check_dimensions(tensor.shape, what);
  NpyArray array;
  array.shape = tensor.shape;
  if (codes) {
    array.type = tensor.type == TensorType::kInt8 ? NpyType::kInt8 : NpyType::kUint8;
    array.fortran_order = tensor.fortran_order;
    array.data = file.read(tensor);
    return from_array(std::move(array), what, format, side, transposed);
  }
  const std::vector<float> numbers = file.load(name);
  const FloatView view =
      FloatView::row_major(numbers.data(), tensor.shape.front(), tensor.shape.back());
  return quantized(transposed ? view.transposed() : view, what, format, side);
}

}  // namespace

Factor read_factor(const std::string& text, const std::string& format, Side side, bool transposed) {
  const auto [path, tensor] = split(text);
  if (!tensor.empty() || is_container(path)) {
    return from_container(path, tensor, format, side, transposed);
  }
  return from_array(read_npy(path), path, format, side, transposed);
}

}  // namespace narrowgate::cli
