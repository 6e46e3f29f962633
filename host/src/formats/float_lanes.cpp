// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "formats/float_lanes.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
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

constexpr std::size_t kSquare = 16;     // a cache line of FP32 each way
constexpr std::size_t kMostLanes = 64;  // of a tile

using Floats4 = float __attribute__((vector_size(16)));

/// to[i·pitch + j] = from[j·stride + i] for i, j in 0…3, in registers.
inline void transpose_4x4(const float* from, std::ptrdiff_t stride, float* to,
                          std::ptrdiff_t pitch) {
  Floats4 r0;
  Floats4 r1;
  Floats4 r2;
  Floats4 r3;
  std::memcpy(&r0, from, sizeof(r0));
  std::memcpy(&r1, from + stride, sizeof(r1));
  std::memcpy(&r2, from + 2 * stride, sizeof(r2));
  std::memcpy(&r3, from + 3 * stride, sizeof(r3));
  const Floats4 low01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5);
  const Floats4 high01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
  const Floats4 low23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);
  const Floats4 high23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
  r0 = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
  r1 = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
  r2 = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
  r3 = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
  std::memcpy(to, &r0, sizeof(r0));
  std::memcpy(to + pitch, &r1, sizeof(r1));
  std::memcpy(to + 2 * pitch, &r2, sizeof(r2));
  std::memcpy(to + 3 * pitch, &r3, sizeof(r3));
}

/// `steps` rows of `lanes` numbers, `stride` apart, become columns. By squares of cache lines, so
/// that each line of the source is used up at once: rows a power of two apart evict one another.
void transpose(const float* from, std::ptrdiff_t stride, std::size_t lanes, std::size_t steps,
               float* to, std::ptrdiff_t pitch) {
  const auto row = [&](std::size_t step) {
    return from + static_cast<std::ptrdiff_t>(step) * stride;
  };
  const auto lane = [&](std::size_t i) { return to + static_cast<std::ptrdiff_t>(i) * pitch; };
  const std::size_t whole_lanes = lanes / kSquare * kSquare;
  const std::size_t whole_steps = steps / kSquare * kSquare;
  for (std::size_t k = 0; k < whole_steps; k += kSquare) {
    for (std::size_t i = 0; i < whole_lanes; i += kSquare) {
      for (std::size_t l = i; l < i + kSquare; l += 4) {
        for (std::size_t s = k; s < k + kSquare; s += 4) {
          transpose_4x4(row(s) + l, stride, lane(l) + s, pitch);
        }
      }
    }
  }
  for (std::size_t k = 0; k < steps; ++k) {
    for (std::size_t i = k < whole_steps ? whole_lanes : 0; i < lanes; ++i) lane(i)[k] = row(k)[i];
  }
}

/// Adjacent lanes of 16 bits: some rows are widened, then transposed.
void transpose_wide(const FloatView& view, std::size_t first, std::size_t begin,
                    FloatLanes::Tile size, float* to, std::ptrdiff_t pitch) {
  std::array<float, kSquare * kMostLanes> rows;
  for (std::size_t k = 0; k < size.depth; k += kSquare) {
    const std::size_t steps = std::min(kSquare, size.depth - k);
    for (std::size_t s = 0; s < steps; ++s) {
      widen(view.type, at<std::uint16_t>(view, first, begin + k + s), size.lanes,
            rows.data() + s * kMostLanes);
    }
    transpose(rows.data(), kMostLanes, size.lanes, steps, to + k, pitch);
  }
}

/// Neither lanes nor their elements are adjacent: one by one.
template <typename T, typename Convert>
void gather(const FloatView& view, std::size_t first, std::size_t begin, FloatLanes::Tile size,
            float* to, std::ptrdiff_t pitch, Convert convert) {
  for (std::size_t i = 0; i < size.lanes; ++i, to += pitch) {
    const T* from = at<T>(view, first + i, begin);
    for (std::size_t k = 0; k < size.depth; ++k, from += view.col_stride) to[k] = convert(*from);
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

FloatLanes FloatLanes::as_they_lie() const {
  return FloatLanes(view_.row_stride == 1 ? view_.transposed() : view_);
}

FloatLanes::Tile FloatLanes::tile(std::size_t block) const {
  constexpr std::size_t kScratch = 1U << 15;  // elements: well within a second-level cache
  constexpr std::size_t kDepth = kScratch / kMostLanes;
  if (view_.col_stride == 1) return {1, view_.cols};
  const std::size_t unit = std::max<std::size_t>(1, block);
  const std::size_t depth = std::min(view_.cols, unit < kDepth ? kDepth / unit * unit : unit);
  return {std::clamp<std::size_t>(kScratch / depth, 1, kMostLanes), depth};
}

FloatLanes::Rows FloatLanes::read(std::size_t first, std::size_t begin, Tile size,
                                  std::vector<float>& scratch) const {
  const bool contiguous = view_.col_stride == 1;
  if (contiguous && view_.type == FloatType::kFloat32) {
    return {at<float>(view_, first, begin), view_.row_stride};
  }
  // Lanes a power of two apart would fall on the same lines of the cache.
  constexpr std::size_t kPadding = 16;
  const auto pitch = static_cast<std::ptrdiff_t>(size.depth + kPadding);
  scratch.resize(size.lanes * static_cast<std::size_t>(pitch));
  float* const to = scratch.data();
  if (contiguous) {
    for (std::size_t i = 0; i < size.lanes; ++i) {
      widen(view_.type, at<std::uint16_t>(view_, first + i, begin), size.depth,
            to + static_cast<std::ptrdiff_t>(i) * pitch);
    }
  } else if (view_.row_stride == 1 && view_.type == FloatType::kFloat32) {
    transpose(at<float>(view_, first, begin), view_.col_stride, size.lanes, size.depth, to, pitch);
  } else if (view_.row_stride == 1) {
    transpose_wide(view_, first, begin, size, to, pitch);
  } else if (view_.type == FloatType::kFloat32) {
    gather<float>(view_, first, begin, size, to, pitch, [](float x) { return x; });
  } else if (view_.type == FloatType::kFloat16) {
    gather<std::uint16_t>(view_, first, begin, size, to, pitch,
                          [](std::uint16_t x) { return decode<kFp16Fields>(x); });
  } else {
    gather<std::uint16_t>(view_, first, begin, size, to, pitch,
                          [](std::uint16_t x) { return decode<kBf16Fields>(x); });
  }
  return {to, pitch};
}

}  // namespace narrowgate::internal
