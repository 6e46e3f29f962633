// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "core/watchdog.hpp"

namespace narrowgate::internal {
namespace {

using namespace std::chrono_literals;

/// What the stages of all tasks did.
struct Trace {
  std::mutex mutex;
  std::vector<std::string> events;
  std::atomic<int> alive{0};
  void add(const std::string& event) {
    const std::lock_guard lock(mutex);
    events.push_back(event);
  }
};

class TracedTask : public Task {
 public:
  TracedTask(Trace& trace, std::string name, std::string failing = {})
      : trace_(trace), name_(std::move(name)), failing_(std::move(failing)) {
    ++trace_.alive;
  }
  ~TracedTask() override { --trace_.alive; }
  void upload() override { stage("upload"); }
  void run() override { stage("run"); }
  void download() override {
    stage("download");
    report.cycles = 42;
  }

 private:
  void stage(const std::string& what) {
    trace_.add(name_ + " " + what);
    if (what == failing_) throw DeviceError(name_ + " fails in " + what);
  }
  Trace& trace_;
  std::string name_, failing_;
};

TEST(Pipeline, RunsTheStagesOfATaskInOrderAndReports) {
  Trace trace;
  Pipeline pipeline;
  const auto job = pipeline.submit(std::make_unique<TracedTask>(trace, "a"));
  EXPECT_EQ(job->report().cycles, 42U);
  EXPECT_EQ(trace.alive, 0) << "the task is gone before its end is told";
  EXPECT_EQ(trace.events, (std::vector<std::string>{"a upload", "a run", "a download"}));
}

TEST(Pipeline, EndsATaskAtItsFirstFailureAndGoesOn) {
  for (const std::string stage : {"upload", "run", "download"}) {
    Trace trace;
    Pipeline pipeline;
    const auto bad = pipeline.submit(std::make_unique<TracedTask>(trace, "bad", stage));
    const auto good = pipeline.submit(std::make_unique<TracedTask>(trace, "good"));
    EXPECT_THROW(bad->wait(), DeviceError);
    EXPECT_THROW(bad->wait(1ms), DeviceError);
    EXPECT_THROW(bad->report(), DeviceError);
    EXPECT_NO_THROW(good->wait());
    EXPECT_EQ(trace.events.back(), "good download");
    EXPECT_EQ(trace.alive, 0);
  }
}

TEST(Pipeline, FinishesWhatWasSubmittedBeforeItCloses) {
  Trace trace;
  Pipeline pipeline;
  std::vector<std::shared_ptr<JobState>> jobs;
  for (int i = 0; i < 20; ++i) {
    jobs.push_back(pipeline.submit(std::make_unique<TracedTask>(trace, std::to_string(i))));
  }
  pipeline.close();
  for (const auto& job : jobs) EXPECT_TRUE(job->ready());
  EXPECT_EQ(trace.events.size(), 60U);
  EXPECT_THROW(pipeline.submit(std::make_unique<TracedTask>(trace, "late")), ClosedError);
  pipeline.close();
}

TEST(Watchdog, BarksOnceAtACallThatTakesTooLong) {
  std::atomic<int> barks{0};
  Watchdog dog(50ms, [&] { ++barks; });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(dog.watch([&] { return i; }), i);
  EXPECT_EQ(barks, 0);
  dog.watch([&] {
    while (barks == 0) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(100ms);
  });
  EXPECT_EQ(barks, 1);
}

TEST(Watchdog, MeasuresEachCallByItself) {
  std::atomic<int> barks{0};
  Watchdog dog(200ms, [&] { ++barks; });
  for (int i = 0; i < 8; ++i) dog.watch([] { std::this_thread::sleep_for(50ms); });
  EXPECT_EQ(barks, 0);
}

}  // namespace
}  // namespace narrowgate::internal
