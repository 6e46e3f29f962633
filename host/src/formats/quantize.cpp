// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate/quantize.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <span>
#include <string>
#include <utility>

#include "formats/float_lanes.hpp"
#include "formats/kernels.hpp"
#include "formats/parallel.hpp"
#include "formats/scale.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate {
namespace {

using internal::Extremes;
using internal::FloatLanes;
using internal::LaneJob;
using internal::LaneKernel;

bool is_unsigned_integer(const FormatInfo& row) { return !row.is_float && !row.is_signed; }

void check_options(const FormatInfo& row, const BlockedFormat& format,
                   const QuantizeOptions& options) {
  const std::string name(row.name);
  if (row.is_group() ? format.block == 0 : format.block != 0 && format.block != row.block) {
    throw InvalidArgumentError(name + " in blocks of " + std::to_string(format.block) + ": " +
                               (row.is_group()     ? "it must be 1 or more"
                                : row.has_scales() ? "they have " + std::to_string(row.block)
                                                   : "it has none"));
  }
  const bool whole = row.tensor_scale || (!row.has_scales() && options.span == ScaleSpan::kTensor);
  if (options.tensor_scale) {
    if (!whole || is_unsigned_integer(row)) {
      throw InvalidArgumentError("tensor scale " + std::to_string(*options.tensor_scale) + ": " +
                                 name + " takes none here");
    }
    if (!(std::isfinite(*options.tensor_scale) && *options.tensor_scale > 0)) {
      throw InvalidArgumentError("tensor scale " + std::to_string(*options.tensor_scale) +
                                 ": it must be finite and more than 0");
    }
  }
  if (!row.has_scales() && options.span == ScaleSpan::kLane && is_unsigned_integer(row)) {
    throw InvalidArgumentError(name + " has one zero-point, so its scale must be the tensor's");
  }
}

/// What one range of the work writes.
class Quantizer {
 public:
  /// `memory` is a matrix whose memory may serve again.
  Quantizer(const FloatView& matrix, Side side, BlockedFormat format,
            const QuantizeOptions& options, QuantizedMatrix memory)
      : row_(info(format.format)),
        lanes_(matrix, side),
        options_(options),
        kernel_(internal::lane_kernel(format.format, options.saturate,
                                      options.stochastic_seed.has_value())),
        out_(std::move(memory)) {
    out_.format = format.format;
    out_.side = side;
    out_.rows = matrix.rows;
    out_.cols = matrix.cols;
    out_.block = row_.is_group() ? format.block : row_.block;
    out_.tensor_scale = 1.0F;
    out_.zero = 0;
    tile_ = lanes_.tile(out_.block);
  }

  QuantizedMatrix run() {
    choose_tensor_scale();
    allocate();
    internal::parallel_ranges(lanes_.lanes(), lanes_.depth(), options_.threads,
                              [this](std::size_t begin, std::size_t end) { convert(begin, end); });
    return std::move(out_);
  }

 private:
  /// Calls use(lane, k, numbers) for all pieces of a range of lanes: elements k … of the lane.
  template <typename Use>
  void for_each_piece(std::size_t begin, std::size_t end, std::vector<float>& scratch,
                      const Use& use) const {
    for (std::size_t k = 0; k < lanes_.depth(); k += tile_.depth) {
      const FloatLanes::Tile size{end - begin, std::min(tile_.depth, lanes_.depth() - k)};
      const FloatLanes::Rows rows = lanes_.read(begin, k, size, scratch);
      for (std::size_t i = 0; i < size.lanes; ++i) {
        const float* const x = rows.data + static_cast<std::ptrdiff_t>(i) * rows.pitch;
        use(begin + i, k, std::span(x, size.depth));
      }
    }
  }

  static void widen_range(Extremes& range, std::span<const float> x) {
    const Extremes more = internal::extremes(x.data(), x.size());
    range = {std::min(range.low, more.low), std::max(range.high, more.high)};
  }

  /// Of the whole matrix, in the order of its memory.
  Extremes whole_range() const {
    const FloatLanes lines = lanes_.as_they_lie();
    std::mutex mutex;
    Extremes range;
    const auto look = [&](std::size_t begin, std::size_t end) {
      Extremes mine;
      std::vector<float> scratch;
      for (std::size_t line = begin; line < end; ++line) {
        widen_range(mine, {lines.read(line, 0, {1, lines.depth()}, scratch).data, lines.depth()});
      }
      const std::lock_guard lock(mutex);
      range = {std::min(range.low, mine.low), std::max(range.high, mine.high)};
    };
    internal::parallel_ranges(lines.lanes(), lines.depth(), options_.threads, look);
    return range;
  }

  void choose_tensor_scale() {
    const bool plain = !row_.has_scales();
    if (!(row_.tensor_scale || (plain && options_.span == ScaleSpan::kTensor))) return;
    if (plain && is_unsigned_integer(row_)) {
      const Extremes range = whole_range();
      const internal::Affine affine =
          internal::affine_scale(range.low, range.high, row_.max, false);
      out_.tensor_scale = affine.scale;
      out_.zero = affine.zero;
    } else if (options_.tensor_scale) {
      out_.tensor_scale = *options_.tensor_scale;
    } else if (plain) {
      out_.tensor_scale = internal::symmetric_scale(whole_range().amax(),
                                                    internal::largest_element(out_.format), false);
    } else {
      out_.tensor_scale = internal::nvfp4_tensor_scale(whole_range().amax());
    }
  }

  void allocate() {
    const std::size_t blocks = out_.lanes() * out_.blocks();
    const bool codes = row_.scale == ScaleKind::kE8m0 || row_.scale == ScaleKind::kUe4m3;
    const bool zeros = row_.scale == ScaleKind::kFp32AndZero;
    const bool lanes = !row_.has_scales() && options_.span == ScaleSpan::kLane;
    out_.codes.resize(out_.rows * out_.cols);
    out_.scale_codes.resize(codes ? blocks : 0);
    out_.scales.resize(zeros || row_.scale == ScaleKind::kFp32 ? blocks : 0);
    out_.zeros.resize(zeros ? blocks : 0);
    out_.lane_scales.resize(lanes ? out_.lanes() : 0);
  }

  LaneJob job_for(std::size_t lane, std::size_t k, std::span<const float> x) {
    const std::size_t depth = out_.depth();
    const std::size_t block = out_.block != 0 ? lane * out_.blocks() + k / out_.block : 0;
    LaneJob job;
    job.x = x.data();
    job.count = x.size();
    job.block = out_.block != 0 ? out_.block : depth;
    job.codes = out_.codes.data() + lane * depth + k;
    if (!out_.scale_codes.empty()) job.scale_codes = out_.scale_codes.data() + block;
    if (!out_.scales.empty()) job.scales = out_.scales.data() + block;
    if (!out_.zeros.empty()) job.zeros = out_.zeros.data() + block;
    job.rule = options_.scale_rule;
    job.fp16_scales = options_.fp16_scales;
    job.scale = out_.lane_scales.empty() ? out_.tensor_scale : out_.lane_scales[lane];
    job.zero = out_.zero;
    job.seed = options_.stochastic_seed.value_or(0);
    // Counted by row and column, so that the side and the layout do not matter.
    const bool is_a = out_.side == Side::kA;
    job.first = is_a ? lane * out_.cols + k : k * out_.cols + lane;
    job.step = is_a ? 1 : out_.cols;
    return job;
  }

  /// The scales of some lanes from their largest magnitudes, where each lane has its own.
  void choose_lane_scales(std::size_t begin, std::size_t end, std::vector<float>& scratch) {
    if (out_.lane_scales.empty()) return;
    std::vector<Extremes> ranges(end - begin);
    for_each_piece(begin, end, scratch,
                   [&](std::size_t lane, std::size_t, std::span<const float> x) {
                     widen_range(ranges[lane - begin], x);
                   });
    for (std::size_t lane = begin; lane < end; ++lane) {
      out_.lane_scales[lane] = internal::symmetric_scale(
          ranges[lane - begin].amax(), internal::largest_element(out_.format), false);
    }
  }

  void convert(std::size_t begin, std::size_t end) {
    std::vector<float> scratch;
    for (std::size_t first = begin; first < end; first += tile_.lanes) {
      const std::size_t last = std::min(first + tile_.lanes, end);
      choose_lane_scales(first, last, scratch);
      for_each_piece(first, last, scratch,
                     [this](std::size_t lane, std::size_t k, std::span<const float> x) {
                       kernel_(job_for(lane, k, x));
                     });
    }
  }

  const FormatInfo& row_;
  FloatLanes lanes_;
  const QuantizeOptions& options_;
  LaneKernel kernel_;
  QuantizedMatrix out_;
  FloatLanes::Tile tile_;
};

}  // namespace

QuantizedMatrix quantize(const FloatView& matrix, Side side, BlockedFormat format,
                         const QuantizeOptions& options) {
  QuantizedMatrix out;
  quantize_into(out, matrix, side, format, options);
  return out;
}

void quantize_into(QuantizedMatrix& out, const FloatView& matrix, Side side, BlockedFormat format,
                   const QuantizeOptions& options) {
  internal::check_float_view(matrix, "the matrix");
  check_options(info(format.format), format, options);
  out = Quantizer(matrix, side, format, options, std::move(out)).run();
}

MatrixView QuantizedMatrix::view() const {
  MatrixView out = side == Side::kA ? MatrixView::row_major(codes.data(), format, rows, cols)
                                    : MatrixView::col_major(codes.data(), format, rows, cols);
  out.scales.tensor_scale = tensor_scale;
  if (block == 0) return out;
  out.scales.data = scale_codes.empty() ? static_cast<const void*>(scales.data())
                                        : static_cast<const void*>(scale_codes.data());
  out.scales.lane_stride = static_cast<std::ptrdiff_t>(blocks());
  out.scales.block_stride = 1;
  out.scales.zeros = zeros.empty() ? nullptr : zeros.data();
  out.scales.block = block;
  return out;
}

}  // namespace narrowgate
