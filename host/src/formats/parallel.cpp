// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "formats/parallel.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace narrowgate::internal {
namespace {

// A thread costs some tens of microseconds to start: as much as this many elements.
constexpr std::size_t kSmallestPiece = 1 << 16;

}  // namespace

void parallel_ranges(std::size_t count, std::size_t weight, unsigned threads,
                     const std::function<void(std::size_t, std::size_t)>& work) {
  if (count == 0) return;
  const std::size_t wanted = threads != 0 ? threads : std::thread::hardware_concurrency();
  const std::size_t per_piece =
      std::max<std::size_t>(1, kSmallestPiece / std::max<std::size_t>(1, weight));
  const std::size_t pieces = std::clamp<std::size_t>(std::min(wanted, count / per_piece), 1, count);
  std::mutex mutex;
  std::exception_ptr error;
  const auto piece = [&](std::size_t i) {
    try {
      work(count * i / pieces, count * (i + 1) / pieces);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    others.reserve(pieces - 1);
    std::size_t started = 1;
    try {
      for (; started < pieces; ++started) others.emplace_back(piece, started);
    } catch (const std::system_error&) {
      // No more threads to be had: this one does the rest.
    }
    piece(0);
    for (std::size_t i = started; i < pieces; ++i) piece(i);
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace narrowgate::internal
