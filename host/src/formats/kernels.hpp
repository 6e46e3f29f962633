// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of the quantisers: one lane after the other, contiguous FP32 in, codes out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "narrowgate/quantize.hpp"

namespace narrowgate::internal {

/// A lane and where its codes go.
struct LaneJob {
  const float* x = nullptr;
  std::size_t count = 0;
  std::size_t block = 0;  ///< for formats that leave it open
  std::uint8_t* codes = nullptr;
  std::uint8_t* scale_codes = nullptr;  ///< one for each block, or null
  float* scales = nullptr;
  std::uint8_t* zeros = nullptr;

  ScaleRule rule = ScaleRule::kFloor;
  bool fp16_scales = false;
  float scale = 1.0F;  ///< of the tensor, or of the lane where there are no block scales
  int zero = 0;

  std::uint64_t seed =
      0;  ///< stochastic rounding: element i draws random_bits(seed, first + i·step)
  std::uint64_t first = 0;
  std::uint64_t step = 0;
};

using LaneKernel = void (*)(const LaneJob& job);

/// The loop for a format. Uses the widest vectors that the processor has; the codes are the same.
LaneKernel lane_kernel(Format format, bool saturate, bool stochastic);

/// Smallest and largest finite number, both 0 when there is none below or above 0.
struct Extremes {
  float low = 0;
  float high = 0;
  float amax() const { return -low > high ? -low : high; }
};
Extremes extremes(const float* x, std::size_t count);

/// FP16 and BF16 to FP32; subnormal numbers, infinities and NaN included.
void widen_fp16(const std::uint16_t* from, std::size_t count, float* to);
void widen_bf16(const std::uint16_t* from, std::size_t count, float* to);

/// The value of every code of a format's element; bits above its width are ignored.
const std::array<float, 256>& element_values(Format format);

/// The largest number of a format's element.
float largest_element(Format format);

}  // namespace narrowgate::internal
