// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
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

/// What a block's codes become: (element − zero) · scale.
struct BlockScale {
  float scale = 1.0F;
  float zero = 0.0F;
};

/// The numbers of a view, row by row.
class Reader {
 public:
  Reader(const MatrixView& matrix, Side side, int zero, const std::vector<float>& lane_scales)
      : view_(matrix),
        row_(info(matrix.format)),
        side_(side),
        zero_(static_cast<float>(zero)),
        lane_scales_(lane_scales),
        values_(internal::element_values(matrix.format)),
        factor_(internal::power_of_two(row_.element_exponent)),
        block_(!row_.has_scales() ? 0
               : row_.is_group()  ? matrix.scales.block
                                  : row_.block) {}

  void read_row(std::size_t r, float* out) const {
    if (side_ == Side::kB) {  // each number of a row is another lane's
      for (std::size_t c = 0; c < view_.cols; ++c) out[c] = value(r, c, scale_of(c, r), c);
      return;
    }
    const std::size_t block = block_ == 0 ? view_.cols : block_;
    for (std::size_t first = 0; first < view_.cols; first += block) {
      const BlockScale scale = scale_of(r, first);
      const std::size_t end = std::min(first + block, view_.cols);
      for (std::size_t c = first; c < end; ++c) out[c] = value(r, c, scale, r);
    }
  }

 private:
  float value(std::size_t r, std::size_t c, const BlockScale& scale, std::size_t lane) const {
    float v = (values_[code_at(r, c)] - scale.zero) * factor_ * scale.scale;
    v *= view_.scales.tensor_scale;
    if (!lane_scales_.empty()) v *= lane_scales_[lane];
    return v == v ? v : std::bit_cast<float>(internal::kFp32Nan);
  }

  std::uint8_t code_at(std::size_t r, std::size_t c) const {
    const auto* bytes = static_cast<const std::uint8_t*>(view_.data);
    const std::ptrdiff_t e = static_cast<std::ptrdiff_t>(r) * view_.row_stride +
                             static_cast<std::ptrdiff_t>(c) * view_.col_stride;
    if (view_.storage == Storage::kBytes) return bytes[e];
    const std::uint8_t byte = bytes[e >> 1];
    return static_cast<std::uint8_t>((e & 1) != 0 ? byte >> 4 : byte & 0xF);
  }

  BlockScale scale_of(std::size_t lane, std::size_t k) const {
    if (block_ == 0) return {1.0F, zero_};
    const BlockScales& scales = view_.scales;
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(lane) * scales.lane_stride +
                              static_cast<std::ptrdiff_t>(k / block_) * scales.block_stride;
    switch (row_.scale) {
      case ScaleKind::kNone:
        break;
      case ScaleKind::kE8m0:
        return {internal::decode_e8m0(static_cast<const std::uint8_t*>(scales.data)[at]), 0};
      case ScaleKind::kUe4m3:
        return {internal::decode_ue4m3(static_cast<const std::uint8_t*>(scales.data)[at]), 0};
      case ScaleKind::kFp32:
        return {static_cast<const float*>(scales.data)[at], 0};
      case ScaleKind::kFp32AndZero: {
        const int zero = scales.zeros != nullptr ? scales.zeros[at] : row_.offset;
        return {static_cast<const float*>(scales.data)[at], static_cast<float>(zero)};
      }
    }
    return {};
  }

  MatrixView view_;
  const FormatInfo& row_;
  Side side_;
  float zero_;
  const std::vector<float>& lane_scales_;
  const std::array<float, 256>& values_;
  float factor_;
  std::size_t block_;
};

std::vector<float> numbers(const MatrixView& matrix, Side side, int zero,
                           const std::vector<float>& lane_scales, unsigned threads) {
  std::vector<float> out(matrix.rows * matrix.cols);
  const Reader reader(matrix, side, zero, lane_scales);
  internal::parallel_ranges(matrix.rows, matrix.cols, threads,
                            [&](std::size_t begin, std::size_t end) {
                              for (std::size_t r = begin; r < end; ++r) {
                                reader.read_row(r, out.data() + r * matrix.cols);
                              }
                            });
  return out;
}

}  // namespace

std::vector<float> dequantize(const QuantizedMatrix& matrix, unsigned threads) {
  const MatrixView view = matrix.view();
  internal::check_matrix(view, "to dequantise");
  return numbers(view, matrix.side, matrix.zero, matrix.lane_scales, threads);
}

std::vector<float> dequantize(const MatrixView& matrix, Side side, unsigned threads) {
  internal::check_matrix(matrix, "to dequantise");
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
    const float* const x = rows.read(r, 0, {1, original.cols}, scratch).data;
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
