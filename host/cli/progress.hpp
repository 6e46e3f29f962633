// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A progress bar on standard error: only on a terminal, and only for work of more than a second
// (or of $NARROWGATE_PROGRESS_AFTER seconds).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "narrowgate/gemm.hpp"

namespace narrowgate::cli {

class Progress {
 public:
  /// `total` is how much work there is, in any unit.
  Progress(std::string label, std::uint64_t total);
  ~Progress();  ///< leaves the line empty
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Says that `done` of the total is behind us, and draws.
  void update(std::uint64_t done);
  /// Draws again: time has passed.
  void tick() { update(done_); }

 private:
  std::string label_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;
  bool on_terminal_;
  bool drawn_ = false;
  unsigned frame_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Waits for a job while the bar moves; then what the job did.
Report wait_for(const Job& job, Progress& progress);

}  // namespace narrowgate::cli
