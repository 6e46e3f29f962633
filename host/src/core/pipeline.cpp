// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline.hpp"

#include <chrono>

#include "core/cpu_time.hpp"

namespace narrowgate::internal {
namespace {

constexpr std::size_t kWaitingCalls = 8;  // as gemm.hpp promises
constexpr std::size_t kAhead = 2;         // calls uploaded ahead of the one that runs

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

void JobState::finish(Report report, std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  report_ = std::move(report);
  error_ = std::move(error);
  done_ = true;
  changed_.notify_all();
}

bool JobState::ready() const {
  const std::lock_guard lock(mutex_);
  return done_;
}

void JobState::rethrow() const {
  if (error_) std::rethrow_exception(error_);
}

void JobState::wait() const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return done_; });
  rethrow();
}

bool JobState::wait(std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, timeout, [&] { return done_; })) return false;
  rethrow();
  return true;
}

Report JobState::report() const {
  wait();
  const std::lock_guard lock(mutex_);
  return report_;
}

Pipeline::Pipeline()
    : queues_{BoundedQueue<Item>(kWaitingCalls), BoundedQueue<Item>(kAhead),
              BoundedQueue<Item>(kAhead)} {
  for (std::size_t stage = 0; stage < kStages; ++stage) {
    threads_[stage] = std::thread([this, stage] { work(stage); });
  }
}

std::shared_ptr<JobState> Pipeline::submit(std::unique_ptr<Task> task) {
  Item item{std::move(task), std::make_shared<JobState>(), nullptr};
  std::shared_ptr<JobState> state = item.state;
  if (!queues_[0].push(item)) throw ClosedError("the device has been closed");
  return state;
}

void Pipeline::close() noexcept {
  std::call_once(closed_, [this] {
    queues_[0].close();
    for (std::thread& thread : threads_) thread.join();
  });
}

void Pipeline::run_stage(std::size_t stage, Item& item) {
  const auto start = std::chrono::steady_clock::now();
  double cpu_s = 0;
  try {
    const CpuTime cpu(cpu_s);
    switch (stage) {
      case 0:
        item.task->upload();
        break;
      case 1:
        item.task->run();
        break;
      default:
        item.task->download();
        break;
    }
  } catch (...) {
    item.error = std::current_exception();
  }
  Report& report = item.task->report;
  report.host_cpu_s += cpu_s;
  (stage == 0   ? report.upload_s
   : stage == 1 ? report.run_s
                : report.download_s) = seconds_since(start);
}

void Pipeline::work(std::size_t stage) {
  while (std::optional<Item> item = queues_[stage].pop()) {
    if (!item->error) run_stage(stage, *item);
    if (stage + 1 < kStages) {
      queues_[stage + 1].push(*item);  // closed only by this thread, below
      continue;
    }
    // The task goes first: whoever waits may count on its buffers being free again.
    Report report = std::move(item->task->report);
    item->task.reset();
    item->state->finish(std::move(report), std::move(item->error));
  }
  if (stage + 1 < kStages) queues_[stage + 1].close();
}

}  // namespace narrowgate::internal
