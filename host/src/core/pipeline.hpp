// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Three worker threads in a row, upload → run → download, so that one call's transfers overlap its
// neighbour's computation.
#pragma once

#include <array>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "core/bounded_queue.hpp"
#include "narrowgate/gemm.hpp"

namespace narrowgate::internal {

/// One call on its way through the pipeline. A stage that throws ends the call.
class Task {
 public:
  virtual ~Task() = default;
  virtual void upload() = 0;
  virtual void run() = 0;
  virtual void download() = 0;
  Report report;
};

/// What the caller's Job handles and the pipeline share.
class JobState {
 public:
  void finish(Report report, std::exception_ptr error);
  bool ready() const;
  void wait() const;  ///< then throws the call's error, if any
  bool wait(std::chrono::milliseconds timeout) const;
  Report report() const;

 private:
  void rethrow() const;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool done_ = false;
  Report report_;
  std::exception_ptr error_;
};

class Pipeline {
 public:
  Pipeline();
  ~Pipeline() { close(); }

  /// Throws ClosedError after close().
  std::shared_ptr<JobState> submit(std::unique_ptr<Task> task);

  /// Finishes what was submitted, then joins the threads.
  void close() noexcept;

 private:
  struct Item {
    std::unique_ptr<Task> task;
    std::shared_ptr<JobState> state;
    std::exception_ptr error;
  };
  static constexpr std::size_t kStages = 3;

  void work(std::size_t stage);
  static void run_stage(std::size_t stage, Item& item);

  std::array<BoundedQueue<Item>, kStages> queues_;
  std::array<std::thread, kStages> threads_;
  std::once_flag closed_;
};

}  // namespace narrowgate::internal
