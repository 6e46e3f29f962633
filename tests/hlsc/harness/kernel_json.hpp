// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What the test bench needs of the JSON that hlsc writes beside the RTL (docs/seams.md, 9).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cosim {

struct KernelJson {
  struct Argument {
    std::string name;
    std::string kind;  // pointer, scalar, axis
    int bits = 0;
    uint64_t offset = 0;
    std::string bundle;
  };
  struct Axis {
    std::string name;
    int width = 0;
    bool is_input = false;
  };
  std::string top;
  uint64_t interface_hash = 0;
  std::vector<Argument> arguments;
  std::vector<Axis> axis;
  std::vector<std::string> bundles;
  std::map<std::string, uint64_t> counters;  // address by name
  std::vector<std::string> rtl;
};

// Throws std::runtime_error.
KernelJson LoadKernelJson(const std::string& path);

}  // namespace cosim
