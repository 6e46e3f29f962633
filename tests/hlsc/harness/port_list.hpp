// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The ports of a module, read from its SystemVerilog header as hlsc writes it: one port a line,
// [N:0] ranges, scalars without range.
#pragma once

#include <string>
#include <vector>

namespace cosim {

struct PortDeclaration {
  std::string name;
  bool is_input;
  int width;
};

// Throws std::runtime_error when the text has no such module.
std::vector<PortDeclaration> ParsePorts(const std::string& verilog, const std::string& module);

}  // namespace cosim
