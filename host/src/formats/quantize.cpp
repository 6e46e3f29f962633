// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate/quantize.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <string>

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
  Quantizer(const FloatView& matrix, Side side, BlockedFormat format,
            const QuantizeOptions& options)
      : row_(info(format.format)),
        lanes_(matrix, side),
        options_(options),
        kernel_(internal::lane_kernel(format.format, options.saturate,
                                      options.stochastic_seed.has_value())) {
    out_.format = format.format;
    out_.side = side;
    out_.rows = matrix.rows;
    out_.cols = matrix.cols;
    out_.block = row_.is_group() ? format.block : row_.block;
  }

  QuantizedMatrix run() {
    choose_tensor_scale();
    allocate();
    internal::parallel_ranges(lanes_.lanes(), lanes_.depth(), options_.threads,
                              [this](std::size_t begin, std::size_t end) { convert(begin, end); });
    return std::move(out_);
  }

 private:
  /// Calls use(lane, numbers) for each lane of a range.
  template <typename Use>
  void for_each_lane(std::size_t begin, std::size_t end, const Use& use) const {
    std::vector<float> scratch;
    const std::size_t batch = lanes_.batch();
    for (std::size_t first = begin; first < end; first += batch) {
      const std::size_t count = std::min(batch, end - first);
      const FloatLanes::Rows rows = lanes_.read(first, count, scratch);
      for (std::size_t i = 0; i < count; ++i) {
        use(first + i, rows.data + static_cast<std::ptrdiff_t>(i) * rows.pitch);
      }
    }
  }

  Extremes whole_range() const {
    std::mutex mutex;
    Extremes range;
    internal::parallel_ranges(
        lanes_.lanes(), lanes_.depth(), options_.threads, [&](std::size_t begin, std::size_t end) {
          Extremes mine;
          for_each_lane(begin, end, [&](std::size_t, const float* x) {
            const Extremes one = internal::extremes(x, lanes_.depth());
            mine = {std::min(mine.low, one.low), std::max(mine.high, one.high)};
          });
          const std::lock_guard lock(mutex);
          range = {std::min(range.low, mine.low), std::max(range.high, mine.high)};
        });
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
    out_.codes.resize(out_.rows * out_.cols);
    const std::size_t blocks = out_.lanes() * out_.blocks();
    switch (row_.scale) {
      case ScaleKind::kNone:
        if (options_.span == ScaleSpan::kLane) out_.lane_scales.resize(out_.lanes());
        break;
      case ScaleKind::kE8m0:
      case ScaleKind::kUe4m3:
        out_.scale_codes.resize(blocks);
        break;
      case ScaleKind::kFp32AndZero:
        out_.zeros.resize(blocks);
        [[fallthrough]];
      case ScaleKind::kFp32:
        out_.scales.resize(blocks);
        break;
    }
  }

  LaneJob job_for(std::size_t lane, const float* x) {
    const std::size_t depth = out_.depth();
    const std::size_t blocks = out_.blocks();
    LaneJob job;
    job.x = x;
    job.count = depth;
    job.block = out_.block != 0 ? out_.block : depth;
    job.codes = out_.codes.data() + lane * depth;
    if (!out_.scale_codes.empty()) job.scale_codes = out_.scale_codes.data() + lane * blocks;
    if (!out_.scales.empty()) job.scales = out_.scales.data() + lane * blocks;
    if (!out_.zeros.empty()) job.zeros = out_.zeros.data() + lane * blocks;
    job.rule = options_.scale_rule;
    job.fp16_scales = options_.fp16_scales;
    job.scale = out_.tensor_scale;
    job.zero = out_.zero;
    job.seed = options_.stochastic_seed.value_or(0);
    // Counted by row and column, so that the side and the layout do not matter.
    const bool is_a = out_.side == Side::kA;
    job.first = is_a ? lane * out_.cols : lane;
    job.step = is_a ? 1 : out_.cols;
    return job;
  }

  void convert(std::size_t begin, std::size_t end) {
    for_each_lane(begin, end, [this](std::size_t lane, const float* x) {
      LaneJob job = job_for(lane, x);
      if (!out_.lane_scales.empty()) {
        job.scale = internal::symmetric_scale(internal::extremes(x, job.count).amax(),
                                              internal::largest_element(out_.format), false);
        out_.lane_scales[lane] = job.scale;
      }
      kernel_(job);
    });
  }

  const FormatInfo& row_;
  FloatLanes lanes_;
  const QuantizeOptions& options_;
  LaneKernel kernel_;
  QuantizedMatrix out_;
};

}  // namespace

QuantizedMatrix quantize(const FloatView& matrix, Side side, BlockedFormat format,
                         const QuantizeOptions& options) {
  internal::check_float_view(matrix, "the matrix");
  check_options(info(format.format), format, options);
  return Quantizer(matrix, side, format, options).run();
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
