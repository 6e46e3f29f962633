// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The definition of the numerics, straight from the matrices and as plainly as C++ allows. Every
// other back end must return exactly these bits. It shares nothing with the kernel or the packing.
#pragma once

#include <cstddef>
#include <cstdint>
#include "narrowgate/epilogue.hpp"
#include "narrowgate/gemm.hpp"
#include "narrowgate/matrix.hpp"
#include "reference/dense_matrix.hpp"

namespace narrowgate::internal {

/// C = epilogue(Σₖ (A − a_zero)·(B − b_zero)). The problem must have passed check_problem().
void gemm_reference(const DenseMatrix& a, const DenseMatrix& b, const Problem& problem,
                    const OutputView& c);

// The pieces of the epilogue, each as docs/seams.md section 4 states it.

/// RNE(fl(fl(x)·scale)), saturated to int32.
std::int32_t requantise_onnx(std::int32_t x, float scale);
/// gemmlowp's SaturatingRoundingDoublingHighMul and RoundingDivideByPOT.
std::int32_t requantise_gemmlowp(std::int32_t x, FixedPoint scale);
/// (x·m + 2^(shift−1)) >> shift, saturated to int32.
std::int32_t requantise_tflite(std::int32_t x, FixedPoint scale);
/// fl(fl(fl(x·scale)·channel_scale) + bias), NaN as 0x7FC00000.
float scale_to_float(std::int32_t x, float scale, float channel_scale, float bias);
/// The same for an FP32 sum.
float scale_to_float(float x, float scale, float channel_scale, float bias);

}  // namespace narrowgate::internal
