// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace narrowgate::internal {

/// Asks done() again and again for at most `patience`, at first every few microseconds, later every
/// millisecond. Returns what it said last.
template <typename Done>
bool poll_until(std::chrono::milliseconds patience, Done&& done) {
  using std::chrono::microseconds;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  microseconds pause(20);
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, microseconds(1000));
  }
  return true;
}

}  // namespace narrowgate::internal
