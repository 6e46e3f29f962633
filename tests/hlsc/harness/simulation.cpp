// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "simulation.hpp"

#include <stdexcept>

namespace cosim {

StableCheck::StableCheck(const Dut& dut, Simulation& simulation, const std::string& valid,
                         const std::string& ready, const std::vector<std::string>& payload)
    : simulation_(simulation), valid_(dut, valid), ready_(dut, ready) {
  for (const std::string& name : payload) payload_.emplace_back(dut, name);
}

void StableCheck::Sample() {
  if (waiting_) {
    if (!valid_.High()) {
      simulation_.Fail(std::string(valid_.name()) + " fell before " + ready_.name());
    }
    for (std::size_t i = 0; i < payload_.size(); ++i) {
      if (!(payload_[i].Get() == held_[i])) {
        simulation_.Fail(std::string(payload_[i].name()) + " changed from " + held_[i].Hex() +
                         " to " + payload_[i].Get().Hex() + " while waiting for " + ready_.name());
      }
    }
  }
  waiting_ = valid_.High() && !ready_.High();
  if (!waiting_) return;
  held_.clear();
  for (const Pin& pin : payload_) held_.push_back(pin.Get());
}

Simulation::Simulation(Dut& dut, const StallProfile& profile, uint64_t seed)
    : dut_(dut), profile_(profile), seed_(seed), clock_(dut, "ap_clk"), reset_n_(dut, "ap_rst_n") {}

void Simulation::Reset() {
  clock_.Set(0);
  reset_n_.Set(0);
  for (int i = 0; i < 8; ++i) {
    dut_.Eval();
    clock_.Set(1);
    dut_.Eval();
    clock_.Set(0);
  }
  reset_n_.Set(1);
}

void Simulation::Step() {
  for (Agent* agent : agents_) agent->Drive();
  dut_.Eval();
  for (Agent* agent : agents_) agent->Sample();
  clock_.Set(1);
  dut_.Eval();
  clock_.Set(0);
  ++cycle_;
  if (cycle_ - last_progress_ > kHangCycles) {
    throw std::runtime_error("hangs: nothing has moved on a data port since cycle " +
                             std::to_string(last_progress_));
  }
}

void Simulation::Fail(const std::string& what) {
  if (failures_.size() < kMaxFailures) {
    failures_.push_back("cycle " + std::to_string(cycle_) + ": " + what);
  }
}

}  // namespace cosim
