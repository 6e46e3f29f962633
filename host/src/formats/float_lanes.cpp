// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "formats/float_lanes.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <string>

#include "formats/codec.hpp"
#include "formats/kernels.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate::internal {
namespace {

template <typename T>
const T* at(const FloatView& view, std::size_t row, std::size_t col) {
  return static_cast<const T*>(view.data) + static_cast<std::ptrdiff_t>(row) * view.row_stride +
         static_cast<std::ptrdiff_t>(col) * view.col_stride;
}

void widen(FloatType type, const std::uint16_t* from, std::size_t count, float* to) {
  (type == FloatType::kFloat16 ? widen_fp16 : widen_bf16)(from, count, to);
}

/// One strided lane, element by element.
template <typename T, typename Convert>
void gather(const FloatView& view, std::size_t row, float* to, Convert convert) {
  const T* from = at<T>(view, row, 0);
  for (std::size_t k = 0; k < view.cols; ++k, from += view.col_stride) to[k] = convert(*from);
}

/// Adjacent lanes, by tiles that fit a core's nearest cache: few pages are written at a time.
template <typename T, typename Convert>
void transpose(const FloatView& view, std::size_t first, std::size_t count, float* to,
               std::ptrdiff_t pitch, Convert convert) {
  constexpr std::size_t kTile = 16;
  for (std::size_t k = 0; k < view.cols; k += kTile) {
    const std::size_t depth = std::min(kTile, view.cols - k);
    for (std::size_t i = 0; i < count; ++i) {
      const T* from = at<T>(view, first + i, k);
      float* const lane = to + static_cast<std::ptrdiff_t>(i) * pitch + k;
      for (std::size_t j = 0; j < depth; ++j, from += view.col_stride) lane[j] = convert(*from);
    }
  }
}

template <typename T, typename Convert>
void fill(const FloatView& view, std::size_t first, std::size_t count, float* to,
          std::ptrdiff_t pitch, Convert convert) {
  if (view.row_stride == 1) {
    transpose<T>(view, first, count, to, pitch, convert);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    gather<T>(view, first + i, to + static_cast<std::ptrdiff_t>(i) * pitch, convert);
  }
}

}  // namespace

void check_float_view(const FloatView& view, const char* name) {
  const std::string what =
      std::string(name) + " is " + std::to_string(view.rows) + " x " + std::to_string(view.cols);
  if (view.rows == 0 || view.cols == 0) throw ShapeError(what + ": sizes must be 1 or more");
  if (view.data == nullptr) throw ShapeError(what + ": its data pointer is null");
  constexpr std::size_t kMost = std::numeric_limits<std::ptrdiff_t>::max() / 8;
  if (view.rows > kMost / view.cols) throw ShapeError(what + ": more elements than memory holds");
  const auto reach = [](std::size_t size, std::ptrdiff_t stride) {
    const std::size_t step = static_cast<std::size_t>(stride < 0 ? -(stride + 1) : stride) + 1;
    return size - 1 > kMost / step ? kMost : (size - 1) * step;
  };
  if (reach(view.rows, view.row_stride) >= kMost || reach(view.cols, view.col_stride) >= kMost) {
    throw ShapeError(what + ": strides " + std::to_string(view.row_stride) + " and " +
                     std::to_string(view.col_stride) + " reach beyond memory");
  }
  if (reinterpret_cast<std::uintptr_t>(view.data) % bytes_of(view.type) != 0) {
    throw ShapeError(what + ": its data pointer is not aligned to " +
                     std::to_string(bytes_of(view.type)) + " bytes");
  }
}

std::size_t FloatLanes::batch() const {
  constexpr std::size_t kTogether = 64;       // four cache lines of FP32
  constexpr std::size_t kScratch = 1U << 18;  // elements that stay in a second-level cache
  if (view_.col_stride == 1) return 1;
  return std::clamp<std::size_t>(kScratch / view_.cols, 1, kTogether);
}

FloatLanes::Rows FloatLanes::read(std::size_t first, std::size_t count,
                                  std::vector<float>& scratch) const {
  const bool contiguous = view_.col_stride == 1;
  if (contiguous && view_.type == FloatType::kFloat32) {
    return {at<float>(view_, first, 0), view_.row_stride};
  }
  // Lanes a power of two apart would fall on the same lines of the cache.
  constexpr std::size_t kPadding = 16;
  const auto pitch = static_cast<std::ptrdiff_t>(view_.cols + kPadding);
  scratch.resize(count * static_cast<std::size_t>(pitch));
  if (contiguous) {
    for (std::size_t i = 0; i < count; ++i) {
      widen(view_.type, at<std::uint16_t>(view_, first + i, 0), view_.cols,
            scratch.data() + static_cast<std::ptrdiff_t>(i) * pitch);
    }
  } else if (view_.type == FloatType::kFloat32) {
    fill<float>(view_, first, count, scratch.data(), pitch, [](float x) { return x; });
  } else if (view_.type == FloatType::kFloat16) {
    fill<std::uint16_t>(view_, first, count, scratch.data(), pitch,
                        [](std::uint16_t x) { return decode<kFp16Fields>(x); });
  } else {
    fill<std::uint16_t>(view_, first, count, scratch.data(), pitch,
                        [](std::uint16_t x) { return decode<kBf16Fields>(x); });
  }
  return {scratch.data(), pitch};
}

}  // namespace narrowgate::internal
