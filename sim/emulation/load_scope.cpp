// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>

#include "emulation_state.hpp"
#include "narrowgate_sim/emulation.hpp"
#include "socket_io.hpp"

namespace narrowgate::sim {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr auto kLookInterval = std::chrono::milliseconds(2);
constexpr long kLongSleepSeconds = 1;  // XRT waits ten seconds in the first load, one in later ones
// XRT waits five minutes for a simulator and then ends the process: long before that, one that has
// not come is taken for dead.
constexpr auto kNoSimulator = std::chrono::seconds(8);
constexpr int kWakeSignal = SIGURG;  // ignored by default, used by hardly anyone

// A variable of the environment, put back at the end.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    if (value.empty()) {
      unsetenv(name);
    } else {
      setenv(name, value.c_str(), 1);
    }
  }
  ~ScopedVariable() {
    if (old_) {
      setenv(name_, old_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

// A signal's handler, put back at the end.
class ScopedHandler {
 public:
  explicit ScopedHandler(int number) : number_(number) { sigaction(number, nullptr, &old_); }
  ~ScopedHandler() { sigaction(number_, &old_, nullptr); }
  ScopedHandler(const ScopedHandler&) = delete;
  ScopedHandler& operator=(const ScopedHandler&) = delete;

 private:
  int number_;
  struct sigaction old_{};
};

void SetHandler(int number, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, nullptr);
}

bool HasHandler(int number, void (*handler)(int)) {
  struct sigaction action{};
  sigaction(number, nullptr, &action);
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == handler;
}

std::string Absolute(const fs::path& path) {
  return path.empty() ? "" : fs::absolute(path).string();
}

std::string StallText(const EmulationOptions& options) {
  if (options.stall_probability == 0) return "";
  return std::to_string(options.stall_probability) + ":" + std::to_string(options.stall_seed);
}

// One load at a time for each executable: its processes share one emulation_debug.log. Waits for
// the longest load and no longer, and not at all on file systems without locks.
class ExecutableLock {
 public:
  ExecutableLock() : file_(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)) {
    const auto give_up = Clock::now() + 2 * kNoSimulator;
    while (flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK && Clock::now() < give_up) {
      std::this_thread::sleep_for(kLookInterval);
    }
  }
  ~ExecutableLock() {
    if (file_ >= 0) close(file_);
  }
  ExecutableLock(const ExecutableLock&) = delete;
  ExecutableLock& operator=(const ExecutableLock&) = delete;

 private:
  int file_;
};

// XRT opens emulation_debug.log beside the executable, whatever it is told.
fs::path DebugLog() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path() / "emulation_debug.log";
}

}  // namespace

struct LoadScope::State {
  explicit State(Emulation::State& owner)
      : emulation(owner),
        exclusive(owner.load_mutex),
        user("USER", owner.directory.filename()),
        log("NARROWGATE_SIM_LOG", Absolute(owner.options.log)),
        waves("NARROWGATE_WAVES", Absolute(owner.options.waveform)),
        stall("NARROWGATE_STALL", StallText(owner.options)),
        debug_log_was_there(fs::exists(DebugLog())),
        loader(static_cast<pid_t>(syscall(SYS_gettid))) {}

  // Runs beside the loading thread.
  void Assist(const std::stop_token& stop) {
    const auto give_up = Clock::now() + kNoSimulator;
    bool gave_up = false;
    while (!stop.stop_requested()) {
      std::this_thread::sleep_for(kLookInterval);
      // Anywhere but in this sleep a signal could make one of XRT's system calls fail.
      if (SleepsFor(loader, kLongSleepSeconds)) syscall(SYS_tgkill, getpid(), loader, kWakeSignal);
      if (!gave_up && Clock::now() > give_up) {
        StandInForMissingSimulator();
        gave_up = true;
      }
    }
  }

  void StandInForMissingSimulator() {
    std::error_code error;
    for (fs::directory_iterator it(emulation.directory, error), end; !error && it != end;
         it.increment(error)) {
      const std::string name = it->path().filename();
      if (!name.starts_with("device") || !it->is_socket(error)) continue;
      const int connection = ConnectUnix(it->path());
      if (connection < 0) continue;
      const std::lock_guard lock(emulation.mutex);
      emulation.guards.push_back(
          std::make_unique<GuardedCard>(connection, it->path(), emulation.directory));
    }
  }

  Emulation::State& emulation;
  std::unique_lock<std::mutex> exclusive;
  ExecutableLock alone;
  ScopedVariable user, log, waves, stall;
  // XRT's handlers of these kill the whole process group.
  ScopedHandler on_segv{SIGSEGV}, on_fpe{SIGFPE}, on_abort{SIGABRT}, on_wake{kWakeSignal};
  bool debug_log_was_there;
  pid_t loader;
  std::jthread assistant;
};

LoadScope::LoadScope(Emulation& emulation) {
  if (!emulation.prepared()) throw EmulationError("Emulation::Prepare must come before a load");
  state_ = std::make_unique<State>(*emulation.state_);
  // Writing to a dead supervisor must not end the process; XRT must be able to wait for its child.
  if (HasHandler(SIGPIPE, SIG_DFL)) SetHandler(SIGPIPE, SIG_IGN);
  if (HasHandler(SIGCHLD, SIG_IGN)) SetHandler(SIGCHLD, SIG_DFL);
  SetHandler(kWakeSignal, [](int) {});
  state_->assistant =
      std::jthread([state = state_.get()](const std::stop_token& stop) { state->Assist(stop); });
}

LoadScope::~LoadScope() {
  state_->assistant.request_stop();
  state_->assistant.join();
  std::error_code ignored;
  if (!state_->debug_log_was_there) fs::remove(DebugLog(), ignored);
}

void LoadScope::Finish() { state_->emulation.GuardNewCards(); }

}  // namespace narrowgate::sim
