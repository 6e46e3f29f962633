// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/card.hpp"

namespace narrowgate::internal {

/// Keeps a few of the card's buffers that calls have done with, for the calls that follow.
class BufferPool {
 public:
  explicit BufferPool(Card& card) : card_(card) {}

  /// A buffer of at least `bytes` for a pointer argument; from the pool when one is at most four
  /// times too long.
  std::unique_ptr<CardBuffer> take(const std::string& argument, std::size_t bytes) {
    {
      const std::lock_guard lock(mutex_);
      auto& free = free_[argument];
      const auto found = free.lower_bound(bytes);
      if (found != free.end() && found->first / 4 <= bytes) {
        std::unique_ptr<CardBuffer> buffer = std::move(found->second);
        free.erase(found);
        return buffer;
      }
    }
    return card_.allocate(argument, bytes);
  }

  void give_back(const std::string& argument, std::unique_ptr<CardBuffer> buffer) {
    if (!buffer) return;
    const std::lock_guard lock(mutex_);
    auto& free = free_[argument];
    if (free.size() >= kKept) free.erase(free.begin());
    const std::size_t bytes = buffer->host().size();
    free.emplace(bytes, std::move(buffer));
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    free_.clear();
  }

 private:
  static constexpr std::size_t kKept = 4;

  Card& card_;
  std::mutex mutex_;
  std::map<std::string, std::multimap<std::size_t, std::unique_ptr<CardBuffer>>> free_;
};

}  // namespace narrowgate::internal
