// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Runs a program of ours as a user would, with a time limit.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace narrowgate::testing {

struct Finished {
  int exit_code = -1;  ///< −signal if it was ended by a signal
  bool timed_out = false;
  std::string out;
  std::string err;  ///< what a terminal would show, if run on one
};

struct RunOptions {
  std::chrono::seconds limit{120};
  std::filesystem::path folder;        ///< to run in; empty: the present one
  std::vector<std::string> variables;  ///< "NAME=value" to add to the environment
  bool terminal = false;               ///< standard error is a (pseudo) terminal
};

/// Why RunOptions::terminal cannot be had on this machine; empty where it can.
std::string why_no_terminal();

Finished run_program(const std::filesystem::path& program,
                     const std::vector<std::string>& arguments, const RunOptions& options = {});

/// A new folder, removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace narrowgate::testing
