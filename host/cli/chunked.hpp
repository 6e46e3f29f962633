// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Long products in several calls, so that there is progress to show.
#pragma once

#include <cstddef>

#include "narrowgate/gemm.hpp"

namespace narrowgate::cli {

/// How a product was computed.
struct Computed {
  Report report;  ///< summed over the calls (without stages and ports)
  std::size_t calls = 0;
  double wall_s = 0;  ///< from the caller's matrices to the caller's result
};

/// C = A·B on the device: one call if it is short, else one for each few panels of rows of A, with
/// B resident on the device and several calls in flight. The result does not depend on the cut.
/// Shows a progress bar under `label`.
Computed compute(const Device& device, const MatrixView& a, const MatrixView& b,
                 const GemmOptions& options, const OutputView& c, const char* label);

}  // namespace narrowgate::cli
