// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Work on a range of lanes by several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace narrowgate::internal {

/// Calls work(begin, end) on pieces of 0 … count, about `threads` (0: as many as the machine has
/// processors) at once, and returns when all are done. Rethrows the first error. Pieces that would
/// be small (of `weight` elements for each unit of the range) are not given to further threads.
void parallel_ranges(std::size_t count, std::size_t weight, unsigned threads,
                     const std::function<void(std::size_t begin, std::size_t end)>& work);

}  // namespace narrowgate::internal
