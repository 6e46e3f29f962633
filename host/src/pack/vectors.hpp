// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The vector buffer: zero-points, bias and scales by row and column (docs/seams.md section 2), and
// the scalar arguments that go with it (section 5).
#pragma once

#include <cstdint>
#include <span>

#include "narrowgate/gemm.hpp"
#include "pack/layout.hpp"

namespace narrowgate::internal {

/// The kernel's run-time choice of epilogue.
enum class Mode : std::uint32_t {
  kInt32 = 0,
  kOnnx = 1,
  kGemmlowp = 2,
  kTflite = 3,
  kFloat32 = 4,
  kScaledFloat32 = 5,  ///< sums of scaled blocks, in FP32 already
};

struct EpilogueArguments {
  Mode mode = Mode::kInt32;
  std::uint32_t scale = 0;  ///< FP32 bits of the tensor scale, float modes
  std::uint32_t out_zero = 0;
  std::uint32_t clamp_lo = 0;  ///< int32, or FP32 bits in the float modes
  std::uint32_t clamp_hi = 0;
  std::uint32_t out_format = 0;
  std::uint32_t activation = 0;
};
EpilogueArguments epilogue_arguments(const Problem& problem);

/// Fills `out` (VectorLayout::bytes() long; every byte is written). `row_sums` and `column_sums`
/// are what pack_panels() returned for A and B.
void pack_vectors(const Geometry& geometry, const Problem& problem,
                  std::span<const std::int32_t> row_sums, std::span<const std::int32_t> column_sums,
                  std::span<std::uint8_t> out);

}  // namespace narrowgate::internal
