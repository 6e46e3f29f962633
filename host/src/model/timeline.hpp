// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The kernel's pipeline and the card's memory in time: what the predictor counts. Bursts are served
// by their banks one after the other, the array works through its tiles as operands arrive, results
// leave as their bank takes them; each waits for the others as in the kernel, at the grain of a
// burst.
#pragma once

#include <vector>

#include "model/image_model.hpp"

namespace narrowgate::internal {

/// What a call wants of a factor.
struct FactorWork {
  double panel_beats = 0;    ///< of the port, scales included
  double pass_cycles = 0;    ///< a tile takes at least so long, because a panel passes
  bool is_kept = false;      ///< read once, and replayed from a buffer
  bool is_inner = false;     ///< its panels follow one another from tile to tile
  double fetch_passes = 1;   ///< kept, not inner: tiles in which the next panel is fetched
  double request_beats = 0;  ///< of one request of the kernel's
};

/// A call as the array sees it: `outer` times over `inner` tiles.
struct CallWork {
  std::uint64_t outer = 1, inner = 1;
  double tile_cycles = 0;   ///< of the array, for all blocks of a tile
  double tile_idle = 0;     ///< of them, after the last word
  double tile_words = 0;    ///< results that leave
  double vector_beats = 0;  ///< that come with every tile: by rows its column records, and …
  double line_beats = 0;    ///< … with the first one of `inner`: row terms; by columns reversed
  FactorWork a, b;

  /// Panels of `factor`, which is a or b, that come from memory.
  double panels_read(const FactorWork& factor) const {
    const std::uint64_t once = factor.is_inner ? inner : outer;
    return static_cast<double>(factor.is_kept ? once : outer * inner);
  }
};

struct Timeline {
  double end = 0;    ///< all results are stored
  double waits = 0;  ///< of the array for memory, and of the end for the results' bank
};

/// Runs calls of which the first one's words may reach the array at cycle `way`, and its operands'
/// first bursts their banks at `first_read`.
Timeline run_timeline(const ImageModel& model, const std::vector<CallWork>& calls,
                      double first_read, double way);

}  // namespace narrowgate::internal
