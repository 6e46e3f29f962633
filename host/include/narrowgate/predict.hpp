// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// How long a product will take on a card, from a model of the kernel's pipeline: no card, no
// simulation (docs/predictor.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "narrowgate/format.hpp"

namespace narrowgate {

/// C[m×n] = A[m×k] · B[k×n], results in INT32 or FP32.
struct PredictedShape {
  std::uint64_t m = 0;
  std::uint64_t n = 0;
  std::uint64_t k = 0;
  BlockedFormat a;
  BlockedFormat b;
};

/// What most of the cycles go to.
enum class Bound {
  kCompute,   ///< the array: products, or the ends of blocks
  kMemory,    ///< a bank of the card's memory, or the way of the results out of a tile
  kOverhead,  ///< start-up and the way through the pipeline
};
std::string_view name(Bound bound);

struct Prediction {
  std::uint64_t cycles = 0;           ///< from start to done
  std::uint64_t compute_cycles = 0;   ///< of them, the array at its own pace
  std::uint64_t memory_cycles = 0;    ///< beyond that, waiting for memory
  std::uint64_t overhead_cycles = 0;  ///< the rest
  std::uint64_t macs = 0;             ///< m·n·k
  std::uint64_t peak_macs_per_cycle = 0;
  double bytes = 0;  ///< read and written, all ports
  /// Of A, B and C no schedule moves fewer on the memory that the buffers and accumulators have (S
  /// bytes): |C| + max(|A| + |B|, about M·N·K²·wa·wb/S while K is below 1.9·√S), w being the bytes
  /// of a packed element (docs/predictor.md; Loomis and Whitney's inequality).
  double least_bytes = 0;
  double clock_mhz = 0;  ///< an assumption until a place-and-route says otherwise
  Bound bound = Bound::kCompute;

  double seconds() const { return static_cast<double>(cycles) / (clock_mhz * 1e6); }
  double utilisation() const {
    return static_cast<double>(macs) /
           (static_cast<double>(cycles) * static_cast<double>(peak_macs_per_cycle));
  }
};

/// One call that finds the card at rest. `image` is a name or a path as OpenOptions::image; its
/// metadata tell geometry, pipeline and memory. `clock_mhz` 0 stands for the image's own. Throws
/// MissingImageError, BadImageError, UnsupportedError for formats that the image does not hold,
/// InvalidArgumentError.
Prediction predict(std::string_view image, const PredictedShape& shape, double clock_mhz = 0);

}  // namespace narrowgate
