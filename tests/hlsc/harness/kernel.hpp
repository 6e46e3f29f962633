// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// How a kernel under test says what it is fed with. After the kernel, in the same file:
//
//   #ifndef __HLSC__
//   #include "kernel.hpp"
//   COSIM_KERNEL(scale, in, out, n) {     // the top function and the names of its arguments
//     const int n = run.Pick(0, 100);
//     run.Scalar("n", n);
//     run.Stream("in", n);                // n random values
//   }
//   #endif
//
// The block is executed once for each start of the kernel (kRuns starts without a reset between
// them); streams without stimulus are outputs. What an earlier start left in a stream stays there.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "native.hpp"
#include "random.hpp"

namespace cosim {

constexpr int kRuns = 3;  // starts of the kernel in one test

// What one start of the kernel is given. Element e of an array of streams s is named "s[e]".
class Run {
 public:
  Run(int index, Random& random, const std::vector<std::string>& names,
      const std::vector<Argument*>& arguments)
      : index_(index), random_(random), names_(names), arguments_(arguments) {}

  int index() const { return index_; }
  Random& random() { return random_; }
  int Pick(int low, int high) { return static_cast<int>(random_.Between(low, high)); }
  int Pick(std::initializer_list<int> choices) {
    return choices.begin()[Pick(0, static_cast<int>(choices.size()) - 1)];
  }

  void Scalar(const std::string& name, int64_t value);
  void RandomScalar(const std::string& name);
  // Random values, or these ones cut to the width of the stream.
  void Stream(const std::string& name, int count);
  void Stream(const std::string& name, const std::vector<int64_t>& values);
  void Memory(const std::string& name, int elements);
  // What these words make, the first in the lowest bits of the first element.
  void Memory(const std::string& name, const std::vector<uint32_t>& words);
  // What the kernel may take at most when nothing stalls, from start to done.
  void MaxCycles(int64_t cycles) { max_cycles_ = cycles; }

  struct Pushed {
    int argument;
    int element;
    Bits value;
  };
  std::vector<Pushed> pushed;               // in the order of the calls
  std::map<int, Bits> scalars;              // by argument
  std::map<int, std::vector<Bits>> memory;  // by argument
  int64_t max_cycles() const { return max_cycles_; }

 private:
  // Index of the argument; throws std::runtime_error when the kernel has none of the name and kind.
  int Find(const std::string& name, Argument::Kind kind, int* element) const;

  int index_;
  Random& random_;
  const std::vector<std::string>& names_;
  const std::vector<Argument*>& arguments_;
  int64_t max_cycles_ = 0;
};

struct Kernel {
  std::string top;
  std::vector<std::string> arguments;
  std::function<std::unique_ptr<NativeKernel>()> make;
  std::function<void(Run&)> stimulate;
};

// All kernels linked into the program, in the order of their names.
std::map<std::string, Kernel>& Kernels();
// `arguments` is a comma-separated list.
bool Register(const std::string& top, const std::string& arguments,
              std::function<std::unique_ptr<NativeKernel>()> make,
              std::function<void(Run&)> stimulate);

}  // namespace cosim

#define COSIM_KERNEL(TOP, ...)                                                           \
  static void CosimStimulate_##TOP(cosim::Run& run);                                     \
  [[maybe_unused]] static const bool cosim_registered_##TOP = cosim::Register(           \
      #TOP, #__VA_ARGS__, [] { return cosim::MakeNative(&TOP); }, CosimStimulate_##TOP); \
  static void CosimStimulate_##TOP([[maybe_unused]] cosim::Run& run)
