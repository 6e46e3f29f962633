// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <string>

namespace narrowgate::internal {

/// While it lives, what the process writes to standard output and standard error goes into a file
/// in memory instead of to the terminal. XRT writes there on its own account, and a library must
/// not. It is used only around opening and closing a card, since it cannot tell XRT's output from
/// that of the program's other threads. Captures exclude one another.
class CaptureOutput {
 public:
  CaptureOutput();
  ~CaptureOutput() { restore(); }
  CaptureOutput(const CaptureOutput&) = delete;
  CaptureOutput& operator=(const CaptureOutput&) = delete;

  /// Ends the capture and returns what was written, as one line.
  std::string finish();

 private:
  void restore() noexcept;

  std::unique_lock<std::mutex> only_one_;
  int file_ = -1;
  int saved_out_ = -1;
  int saved_err_ = -1;
};

}  // namespace narrowgate::internal
