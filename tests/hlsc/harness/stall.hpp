// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// When the test bench lets a handshake happen.
#pragma once

#include <string>
#include <vector>

#include "random.hpp"

namespace cosim {

enum class Pattern { kNever, kRandom, kAlternate, kBursts };

struct StallProfile {
  std::string name;
  Pattern input;       // valid of what the kernel reads
  Pattern output;      // ready of what the kernel writes
  int percent;         // of the cycles that kRandom stalls
  int memory_latency;  // cycles at least from a request to its first beat
  int memory_jitter;   // and at most this much more
  int error_percent;   // of the beats read and of the write responses
};

inline const std::vector<StallProfile>& StallProfiles() {
  static const std::vector<StallProfile> profiles = {
      {"none", Pattern::kNever, Pattern::kNever, 0, 10, 0, 0},
      {"light", Pattern::kRandom, Pattern::kRandom, 12, 10, 20, 5},
      {"heavy", Pattern::kRandom, Pattern::kRandom, 85, 1, 100, 40},
      {"alternate", Pattern::kAlternate, Pattern::kAlternate, 50, 3, 3, 0},
      {"input_only", Pattern::kRandom, Pattern::kNever, 60, 40, 40, 100},
      {"output_only", Pattern::kNever, Pattern::kRandom, 60, 1, 0, 10},
      {"bursts", Pattern::kBursts, Pattern::kBursts, 50, 5, 60, 1},
  };
  return profiles;
}

// One channel's stalls.
class Stall {
 public:
  Stall(Pattern pattern, int percent, uint64_t seed)
      : pattern_(pattern), percent_(percent), random_(seed) {}

  // Called once a cycle: whether the handshake may happen in it.
  bool Go() {
    switch (pattern_) {
      case Pattern::kNever:
        return true;
      case Pattern::kRandom:
        return random_.Between(0, 99) >= percent_;
      case Pattern::kAlternate:
        return phase_ = !phase_;
      case Pattern::kBursts:
        if (--left_ < 0) {
          phase_ = !phase_;
          left_ = static_cast<int>(random_.Between(0, 40));
        }
        return phase_;
    }
    return true;
  }

 private:
  Pattern pattern_;
  int percent_;
  Random random_;
  bool phase_ = false;
  int left_ = 0;
};

}  // namespace cosim
