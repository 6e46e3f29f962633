// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Runs command-line tools with a time limit and their output kept.
#pragma once

#include <string>
#include <vector>

namespace cosim {

struct Finished {
  int exit_code;       // 124 when the time limit ended it
  std::string output;  // stdout and stderr
};

Finished RunTool(const std::vector<std::string>& command, int seconds);
std::string CommandLine(const std::vector<std::string>& command);  // quoted for a shell

}  // namespace cosim
