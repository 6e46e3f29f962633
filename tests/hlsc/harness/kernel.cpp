// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "kernel.hpp"

#include <sstream>
#include <stdexcept>

namespace cosim {

int Run::Find(const std::string& name, Argument::Kind kind, int* element) const {
  const std::size_t bracket = name.find('[');
  *element = bracket == std::string::npos ? 0 : std::stoi(name.substr(bracket + 1));
  const std::string base = name.substr(0, bracket);
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == base && arguments_[i]->kind() == kind &&
        *element < arguments_[i]->elements()) {
      return static_cast<int>(i);
    }
  }
  throw std::runtime_error("stimulus for '" + name + "', which the kernel does not have");
}

void Run::Scalar(const std::string& name, int64_t value) {
  int element = 0;
  const int argument = Find(name, Argument::Kind::kScalar, &element);
  scalars[argument] =
      Bits(arguments_[static_cast<std::size_t>(argument)]->width(), static_cast<uint64_t>(value));
}

void Run::RandomScalar(const std::string& name) {
  int element = 0;
  const int argument = Find(name, Argument::Kind::kScalar, &element);
  scalars[argument] = random_.Value(arguments_[static_cast<std::size_t>(argument)]->width());
}

void Run::Stream(const std::string& name, int count) {
  int element = 0;
  const int argument = Find(name, Argument::Kind::kStream, &element);
  const int width = arguments_[static_cast<std::size_t>(argument)]->width();
  for (int i = 0; i < count; ++i) pushed.push_back({argument, element, random_.Value(width)});
}

void Run::Stream(const std::string& name, const std::vector<int64_t>& values) {
  int element = 0;
  const int argument = Find(name, Argument::Kind::kStream, &element);
  const int width = arguments_[static_cast<std::size_t>(argument)]->width();
  for (const int64_t value : values) {
    Bits bits(width, static_cast<uint64_t>(value));
    for (std::size_t w = 2; value < 0 && w < bits.words(); ++w) bits.SetWord(w, 0xFFFFFFFFu);
    pushed.push_back({argument, element, bits});
  }
}

void Run::Memory(const std::string& name, int elements) {
  int element = 0;
  const int argument = Find(name, Argument::Kind::kMemory, &element);
  std::vector<Bits>& contents = memory[argument];
  contents.clear();
  for (int i = 0; i < elements; ++i) {
    contents.push_back(random_.Value(arguments_[static_cast<std::size_t>(argument)]->width()));
  }
}

void Run::Memory(const std::string& name, const std::vector<uint32_t>& words) {
  int element = 0;
  const int argument = Find(name, Argument::Kind::kMemory, &element);
  const int width = arguments_[static_cast<std::size_t>(argument)]->width();
  std::vector<Bits>& contents = memory[argument];
  contents.clear();
  const std::size_t words_each = Bits(width).words();
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i % words_each == 0) contents.push_back(Bits(width));
    contents.back().SetWord(i % words_each, words[i]);
  }
}

std::map<std::string, Kernel>& Kernels() {
  static std::map<std::string, Kernel> kernels;
  return kernels;
}

bool Register(const std::string& top, const std::string& arguments,
              std::function<std::unique_ptr<NativeKernel>()> make,
              std::function<void(Run&)> stimulate) {
  Kernel kernel{top, {}, std::move(make), std::move(stimulate)};
  std::istringstream list(arguments);
  for (std::string name; std::getline(list >> std::ws, name, ',');) {
    kernel.arguments.push_back(name);
  }
  return Kernels().emplace(top, std::move(kernel)).second;
}

}  // namespace cosim
