// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What a kernel does in C simulation over several starts: everything that the RTL must repeat.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kernel.hpp"

namespace cosim {

using StreamId = std::pair<int, int>;  // argument, element of an array of streams

struct NativeRun {
  std::map<int, Bits> scalars;  // by argument
  std::map<int, std::vector<Bits>> memory_before;
  std::map<int, std::vector<Bits>> memory_after;
  std::map<StreamId, std::size_t> written;  // values in outputs after this run
  int64_t max_cycles = 0;
};

struct NativeTrace {
  struct Info {
    std::string name;
    Argument::Kind kind;
    int width;
    int elements;
  };
  std::vector<Info> arguments;
  std::vector<NativeRun> runs;
  std::map<StreamId, std::vector<Bits>> inputs;   // of all runs
  std::map<StreamId, std::vector<Bits>> outputs;  // of all runs
  std::map<StreamId, std::size_t> consumed;
};

// Throws std::runtime_error when the stimulus does not fit the kernel or the kernel breaches a
// stream's or a memory's protocol.
NativeTrace RunNative(const Kernel& kernel, uint64_t seed);

}  // namespace cosim
