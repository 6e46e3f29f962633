// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The clock and the agents on the kernel's ports.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dut.hpp"
#include "stall.hpp"

namespace cosim {

class Simulation;

// Drives some ports from registered state: what an agent sees in a cycle, it acts on in the next.
class Agent {
 public:
  virtual ~Agent() = default;
  virtual void Drive() = 0;   // before the clock edge: sets the kernel's inputs
  virtual void Sample() = 0;  // at the clock edge: sees the handshakes of this cycle
};

// A valid/ready channel of the kernel: once valid, it and its payload hold until ready.
class StableCheck {
 public:
  StableCheck(const Dut& dut, Simulation& simulation, const std::string& valid,
              const std::string& ready, const std::vector<std::string>& payload);
  void Sample();

 private:
  Simulation& simulation_;
  Pin valid_;
  Pin ready_;
  std::vector<Pin> payload_;
  std::vector<Bits> held_;
  bool waiting_ = false;
};

class Simulation {
 public:
  Simulation(Dut& dut, const StallProfile& profile, uint64_t seed);

  Dut& dut() { return dut_; }
  const StallProfile& profile() const { return profile_; }
  Stall InputStall() { return Stall(profile_.input, profile_.percent, ++seed_); }
  Stall OutputStall() { return Stall(profile_.output, profile_.percent, ++seed_); }
  uint64_t NextSeed() { return ++seed_; }

  void Add(Agent* agent) { agents_.push_back(agent); }
  void Reset();
  // One clock cycle. Throws std::runtime_error when nothing has happened on the data ports for
  // kHangCycles.
  void Step();
  uint64_t cycle() const { return cycle_; }

  void Progress() { last_progress_ = cycle_; }
  void Fail(const std::string& what);
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  static constexpr uint64_t kHangCycles = 20000;
  static constexpr std::size_t kMaxFailures = 8;

  Dut& dut_;
  const StallProfile& profile_;
  uint64_t seed_;
  Pin clock_;
  Pin reset_n_;
  std::vector<Agent*> agents_;
  uint64_t cycle_ = 0;
  uint64_t last_progress_ = 0;
  std::vector<std::string> failures_;
};

}  // namespace cosim
