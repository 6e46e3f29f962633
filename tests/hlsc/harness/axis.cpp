// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "axis.hpp"

namespace cosim {

AxisSource::AxisSource(Simulation& simulation, const std::string& name,
                       const std::vector<Bits>& values)
    : simulation_(simulation),
      data_(simulation.dut(), name + "_TDATA"),
      valid_(simulation.dut(), name + "_TVALID"),
      ready_(simulation.dut(), name + "_TREADY"),
      values_(values),
      stall_(simulation.InputStall()) {}

void AxisSource::Drive() {
  const bool go = stall_.Go();
  if (!offering_) offering_ = go && next_ < values_.size();
  valid_.Set(offering_ ? 1 : 0);
  // Nothing may be read from data that is not offered.
  data_.Set(offering_ ? values_[next_] : Bits(data_.width(), 0xDEADBEEFDEADBEEFull));
}

void AxisSource::Sample() {
  if (!offering_ || !ready_.High()) return;
  ++next_;
  offering_ = false;
  simulation_.Progress();
}

AxisSink::AxisSink(Simulation& simulation, const std::string& name, int width,
                   const std::vector<Bits>& expected)
    : simulation_(simulation),
      name_(name),
      data_(simulation.dut(), name + "_TDATA"),
      valid_(simulation.dut(), name + "_TVALID"),
      ready_(simulation.dut(), name + "_TREADY"),
      stable_(simulation.dut(), simulation, name + "_TVALID", name + "_TREADY", {name + "_TDATA"}),
      width_(width),
      expected_(expected),
      stall_(simulation.OutputStall()) {}

void AxisSink::Drive() { ready_.Set(stall_.Go() ? 1 : 0); }

void AxisSink::Sample() {
  stable_.Sample();
  if (!valid_.High() || !ready_.High()) return;
  simulation_.Progress();
  const Bits port = data_.Get();
  Bits value(width_);
  for (std::size_t i = 0; i < value.words(); ++i) value.SetWord(i, port.Word(i));
  const std::string where = name_ + " value " + std::to_string(received_);
  if (received_ >= expected_.size()) {
    simulation_.Fail(where + " is " + value.Hex() + ", but C simulation writes only " +
                     std::to_string(expected_.size()));
  } else if (!(value == expected_[received_])) {
    simulation_.Fail(where + " is " + value.Hex() + ", in C simulation " +
                     expected_[received_].Hex());
  }
  ++received_;
}

}  // namespace cosim
