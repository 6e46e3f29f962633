// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "core/check.hpp"
#include "formats/codec.hpp"
#include "formats/float_lanes.hpp"
#include "formats/kernels.hpp"
#include "formats/parallel.hpp"
#include "narrowgate/error.hpp"
#include "narrowgate/quantize.hpp"

namespace narrowgate {
namespace {

/// The numbers of a view, one by one.
class Reader {
 public:
  Reader(const MatrixView& matrix, Side side, int zero)
      : view_(matrix),
        row_(info(matrix.format)),
        side_(side),
        zero_(zero),
        values_(internal::element_values(matrix.format)),
        factor_(internal::power_of_two(row_.element_exponent)),
        block_(row_.has_scales() ? (row_.is_group() ? matrix.scales.block : row_.block) : 0) {}

  float at(std::size_t r, std::size_t c) const {
    const std::size_t lane = side_ == Side::kA ? r : c;
    const std::size_t k = side_ == Side::kA ? c : r;
    float value = values_[code_at(r, c)];
    if (block_ == 0) {
      value -= static_cast<float>(zero_);
    } else {
      const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(lane) * view_.scales.lane_stride +
                                static_cast<std::ptrdiff_t>(k / block_) * view_.scales.block_stride;
      value = scaled(value, at);
    }
    if (view_.scales.tensor_scale != 1.0F) value *= view_.scales.tensor_scale;
    return value == value ? value : std::bit_cast<float>(internal::kFp32Nan);
  }

 private:
  std::uint8_t code_at(std::size_t r, std::size_t c) const {
    const auto* bytes = static_cast<const std::uint8_t*>(view_.data);
    const std::ptrdiff_t e = static_cast<std::ptrdiff_t>(r) * view_.row_stride +
                             static_cast<std::ptrdiff_t>(c) * view_.col_stride;
    if (view_.storage == Storage::kBytes) return bytes[e];
    const std::uint8_t byte = bytes[e >> 1];
    return static_cast<std::uint8_t>((e & 1) != 0 ? byte >> 4 : byte & 0xF);
  }

  float scaled(float element, std::ptrdiff_t at) const {
    switch (row_.scale) {
      case ScaleKind::kNone:
        break;
      case ScaleKind::kE8m0:
        return element * factor_ *
               internal::decode_e8m0(static_cast<const std::uint8_t*>(view_.scales.data)[at]);
      case ScaleKind::kUe4m3:
        return element *
               internal::decode_ue4m3(static_cast<const std::uint8_t*>(view_.scales.data)[at]);
      case ScaleKind::kFp32:
        return element * static_cast<const float*>(view_.scales.data)[at];
      case ScaleKind::kFp32AndZero: {
        const int zero = view_.scales.zeros != nullptr ? view_.scales.zeros[at] : row_.offset;
        return (element - static_cast<float>(zero)) *
               static_cast<const float*>(view_.scales.data)[at];
      }
    }
    return element;
  }

  MatrixView view_;
  const FormatInfo& row_;
  Side side_;
  int zero_;
  const std::array<float, 256>& values_;
  float factor_;
  std::size_t block_;
};

std::vector<float> numbers(const MatrixView& matrix, Side side, int zero,
                           const std::vector<float>& lane_scales, unsigned threads) {
  std::vector<float> out(matrix.rows * matrix.cols);
  const Reader reader(matrix, side, zero);
  internal::parallel_ranges(matrix.rows, matrix.cols, threads,
                            [&](std::size_t begin, std::size_t end) {
                              for (std::size_t r = begin; r < end; ++r) {
                                float* const row = out.data() + r * matrix.cols;
                                for (std::size_t c = 0; c < matrix.cols; ++c) {
                                  row[c] = reader.at(r, c);
                                  if (!lane_scales.empty())
                                    row[c] *= lane_scales[side == Side::kA ? r : c];
                                }
                              }
                            });
  return out;
}

}  // namespace

std::vector<float> dequantize(const QuantizedMatrix& matrix, unsigned threads) {
  const MatrixView view = matrix.view();
  internal::check_matrix(view, "the matrix");
  return numbers(view, matrix.side, matrix.zero, matrix.lane_scales, threads);
}

std::vector<float> dequantize(const MatrixView& matrix, Side side, unsigned threads) {
  internal::check_matrix(matrix, "the matrix");
  return numbers(matrix, side, 0, {}, threads);
}

ErrorStatistics compare(const FloatView& original, const QuantizedMatrix& quantized) {
  internal::check_float_view(original, "the original");
  if (original.rows != quantized.rows || original.cols != quantized.cols) {
    throw ShapeError("the original is " + std::to_string(original.rows) + " x " +
                     std::to_string(original.cols) + " and the quantised matrix " +
                     std::to_string(quantized.rows) + " x " + std::to_string(quantized.cols) +
                     ": they must be the same");
  }
  const std::vector<float> values = dequantize(quantized);
  // Row after row by one thread: a sum's last bits depend on its order.
  const internal::FloatLanes rows(original, Side::kA);
  ErrorStatistics out;
  std::vector<float> scratch;
  double signal = 0;
  double noise = 0;
  for (std::size_t r = 0; r < original.rows; ++r) {
    const float* const x = rows.read(r, 1, scratch).data;
    const float* const q = values.data() + r * original.cols;
    double row_signal = 0;
    double row_noise = 0;
    for (std::size_t c = 0; c < original.cols; ++c) {
      if (!std::isfinite(x[c]) || !std::isfinite(q[c])) {
        ++out.not_finite;
        continue;
      }
      const double error = static_cast<double>(x[c]) - static_cast<double>(q[c]);
      out.max_abs = std::max(out.max_abs, std::fabs(error));
      row_signal += static_cast<double>(x[c]) * static_cast<double>(x[c]);
      row_noise += error * error;
    }
    signal += row_signal;
    noise += row_noise;
  }
  out.elements = original.rows * original.cols - out.not_finite;
  if (out.elements != 0) out.rms = std::sqrt(noise / static_cast<double>(out.elements));
  // Infinite when equal, which no quotient says when all is 0.
  out.sqnr_db =
      noise == 0 ? std::numeric_limits<double>::infinity() : 10 * std::log10(signal / noise);
  return out;
}

}  // namespace narrowgate
