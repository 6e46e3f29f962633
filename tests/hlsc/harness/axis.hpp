// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// AXI4-Stream agents: a source with gaps and a sink that compares.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "simulation.hpp"

namespace cosim {

class AxisSource : public Agent {
 public:
  // `values` outlives the agent.
  AxisSource(Simulation& simulation, const std::string& name, const std::vector<Bits>& values);
  void Drive() override;
  void Sample() override;
  std::size_t taken() const { return next_; }

 private:
  Simulation& simulation_;
  Pin data_;
  Pin valid_;
  Pin ready_;
  const std::vector<Bits>& values_;
  Stall stall_;
  std::size_t next_ = 0;
  bool offering_ = false;
};

class AxisSink : public Agent {
 public:
  AxisSink(Simulation& simulation, const std::string& name, int width,
           const std::vector<Bits>& expected);
  void Drive() override;
  void Sample() override;
  std::size_t received() const { return received_; }

 private:
  Simulation& simulation_;
  std::string name_;
  Pin data_;
  Pin valid_;
  Pin ready_;
  StableCheck stable_;
  int width_;
  const std::vector<Bits>& expected_;
  Stall stall_;
  std::size_t received_ = 0;
};

}  // namespace cosim
