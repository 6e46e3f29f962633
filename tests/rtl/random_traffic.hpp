// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Seeded random data and stalls for the RTL tests, and access to Verilator ports of any width.
#pragma once

#include <gtest/gtest.h>
#include <verilated.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <type_traits>

namespace rtl_test {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  uint64_t Bits() { return engine_(); }
  uint64_t Below(uint64_t limit) { return engine_() % limit; }
  uint64_t Between(uint64_t low, uint64_t high) { return low + Below(high - low + 1); }
  bool Chance(int percent) { return static_cast<int>(engine_() % 100) < percent; }

 private:
  std::mt19937_64 engine_;
};

// Adds the seed to every failure message of the scope.
inline std::string SeedNote(uint64_t seed) { return "seed " + std::to_string(seed); }

// The payload number `tag` of a port of any width: full-range bits, another pattern for each tag.
inline uint32_t PayloadWord(uint64_t tag, int word) {
  uint64_t x = tag * 0x9E3779B97F4A7C15u + static_cast<uint64_t>(word) * 0xD1B54A32D192ED03u + 1;
  x ^= x >> 29;
  x *= 0xBF58476D1CE4E5B9u;
  return static_cast<uint32_t>(x >> 32);
}

template <class Port>
void SetPayload(Port& port, uint64_t tag, int bits) {
  if constexpr (std::is_integral_v<Port>) {
    const uint64_t value = PayloadWord(tag, 0) | uint64_t{PayloadWord(tag, 1)} << 32;
    port = static_cast<Port>(bits >= 64 ? value : value & ((uint64_t{1} << bits) - 1));
  } else {
    for (int word = 0; 32 * word < bits; ++word) port[word] = PayloadWord(tag, word);
  }
}

template <class Port>
bool IsPayload(const Port& port, uint64_t tag, int bits) {
  if constexpr (std::is_integral_v<Port>) {
    Port expected;
    SetPayload(expected, tag, bits);
    return port == expected;
  } else {
    for (int word = 0; 32 * word < bits; ++word) {
      if (port[word] != PayloadWord(tag, word)) return false;
    }
    return true;
  }
}

// A Verilated module with a context of its own, all registers random at the start. The clock and
// reset are clk_i and rst_i; a cycle is: set the inputs, Settle(), look at the outputs, Edge().
template <class Model>
class Bench {
 public:
  explicit Bench(uint64_t seed) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed % 1000000) + 1);
    model_ = std::make_unique<Model>(&context_);
  }
  Model* operator->() { return model_.get(); }
  Model& operator*() { return *model_; }
  void Settle() { model_->eval(); }
  void Edge() {
    model_->clk_i = 1;
    model_->eval();
    model_->clk_i = 0;
    model_->eval();
    ++cycle_;
  }
  void Reset() {
    model_->clk_i = 0;
    model_->rst_i = 1;
    model_->eval();
    for (int i = 0; i < 3; ++i) Edge();
    model_->rst_i = 0;
  }
  uint64_t cycle() const { return cycle_; }

 private:
  VerilatedContext context_;
  std::unique_ptr<Model> model_;
  uint64_t cycle_ = 0;
};

}  // namespace rtl_test
