// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

namespace narrowgate::internal {

/// Watches calls into a runtime that may never come back. When one takes longer than the limit,
/// `expired` is called, once, on the watchdog's own thread.
class Watchdog {
 public:
  using Clock = std::chrono::steady_clock;

  Watchdog(std::chrono::milliseconds limit, std::function<void()> expired)
      : limit_(limit), expired_(std::move(expired)), thread_([this] { work(); }) {}

  ~Watchdog() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      changed_.notify_all();
    }
    thread_.join();
  }

  /// Runs `call` under watch and returns what it returns.
  template <typename Call>
  auto watch(Call&& call) {
    const Scope scope(*this);
    return call();
  }

 private:
  class Scope {
   public:
    explicit Scope(Watchdog& dog) : dog_(dog) {
      const std::lock_guard lock(dog_.mutex_);
      deadline_ = dog_.deadlines_.insert(Clock::now() + dog_.limit_);
      if (dog_.deadlines_.size() == 1) dog_.changed_.notify_all();
    }
    ~Scope() {
      const std::lock_guard lock(dog_.mutex_);
      dog_.deadlines_.erase(deadline_);
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Watchdog& dog_;
    std::multiset<Clock::time_point>::iterator deadline_;
  };

  void work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (deadlines_.empty()) {
        changed_.wait(lock);
        continue;
      }
      const Clock::time_point first = *deadlines_.begin();
      if (Clock::now() < first) {
        changed_.wait_until(lock, first);
        continue;
      }
      lock.unlock();
      expired_();
      return;
    }
  }

  const std::chrono::milliseconds limit_;
  const std::function<void()> expired_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multiset<Clock::time_point> deadlines_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace narrowgate::internal
