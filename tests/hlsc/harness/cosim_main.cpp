// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Test program of a batch: one test for each kernel and stall profile.
//   --seed=N      another seed than the fixed one
//   --cycles      print the cycles of each start
#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <map>
#include <string>

#include "cosim.hpp"

namespace {

uint64_t base_seed = 1;
bool print_cycles = false;
std::string program;

// FNV-1a, so that kernels and profiles draw from different sequences.
uint64_t Mix(uint64_t seed, const std::string& text) {
  uint64_t hash = 0xCBF29CE484222325ull ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  return hash;
}

class CosimTest : public testing::Test {
 public:
  CosimTest(const cosim::Kernel& kernel, const cosim::Design& design,
            const cosim::StallProfile& profile)
      : kernel_(kernel), design_(design), profile_(profile) {}

  void TestBody() override {
    const uint64_t seed = Mix(base_seed, kernel_.top + "." + profile_.name);
    const cosim::Outcome outcome = cosim::Cosimulate(kernel_, design_, profile_, seed);
    for (const std::string& failure : outcome.failures) ADD_FAILURE() << failure;
    if (!outcome.failures.empty()) {
      std::cout << "reproduce: " << program << " --gtest_filter=" << kernel_.top << "."
                << profile_.name << " --seed=" << base_seed << "\n";
    }
    if (!print_cycles) return;
    std::cout << kernel_.top << "." << profile_.name << " cycles:";
    for (const uint64_t cycles : outcome.cycles) std::cout << " " << cycles;
    std::cout << "\n";
  }

 private:
  const cosim::Kernel& kernel_;
  const cosim::Design& design_;
  const cosim::StallProfile& profile_;
};

void RegisterTests() {
  static const std::vector<cosim::Design> designs = cosim::Designs();
  static std::map<std::string, cosim::Design> missing;
  for (const auto& [top, kernel] : cosim::Kernels()) {
    const cosim::Design* design = nullptr;
    for (const cosim::Design& d : designs) {
      if (d.top == top) design = &d;
    }
    if (design == nullptr) {
      missing[top] = {top, "", "the batch has no RTL for this kernel", nullptr, nullptr};
      design = &missing[top];
    }
    for (const cosim::StallProfile& profile : cosim::StallProfiles()) {
      const cosim::Kernel& k = kernel;
      testing::RegisterTest(top.c_str(), profile.name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [&k, design, &profile]() -> testing::Test* {
                              return new CosimTest(k, *design, profile);
                            });
      if (!design->failure.empty()) break;  // once is enough
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  program = argv[0];
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option.rfind("--seed=", 0) == 0) {
      base_seed = std::stoull(option.substr(7));
    } else if (option == "--cycles") {
      print_cycles = true;
    } else {
      std::cerr << "unknown option '" << option << "': --seed=N or --cycles\n";
      return 2;
    }
  }
  RegisterTests();
  return RUN_ALL_TESTS();
}
