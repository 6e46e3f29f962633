// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "axi_control.hpp"

#include <stdexcept>

namespace cosim {
namespace {
constexpr char kPort[] = "s_axi_control_";
}

AxiControl::AxiControl(Simulation& s)
    : simulation_(s),
      awaddr_(s.dut(), std::string(kPort) + "AWADDR"),
      awvalid_(s.dut(), std::string(kPort) + "AWVALID"),
      awready_(s.dut(), std::string(kPort) + "AWREADY"),
      wdata_(s.dut(), std::string(kPort) + "WDATA"),
      wstrb_(s.dut(), std::string(kPort) + "WSTRB"),
      wvalid_(s.dut(), std::string(kPort) + "WVALID"),
      wready_(s.dut(), std::string(kPort) + "WREADY"),
      bresp_(s.dut(), std::string(kPort) + "BRESP"),
      bvalid_(s.dut(), std::string(kPort) + "BVALID"),
      bready_(s.dut(), std::string(kPort) + "BREADY"),
      araddr_(s.dut(), std::string(kPort) + "ARADDR"),
      arvalid_(s.dut(), std::string(kPort) + "ARVALID"),
      arready_(s.dut(), std::string(kPort) + "ARREADY"),
      rdata_(s.dut(), std::string(kPort) + "RDATA"),
      rresp_(s.dut(), std::string(kPort) + "RRESP"),
      rvalid_(s.dut(), std::string(kPort) + "RVALID"),
      rready_(s.dut(), std::string(kPort) + "RREADY"),
      stable_b_(s.dut(), s, std::string(kPort) + "BVALID", std::string(kPort) + "BREADY",
                {std::string(kPort) + "BRESP"}),
      stable_r_(s.dut(), s, std::string(kPort) + "RVALID", std::string(kPort) + "RREADY",
                {std::string(kPort) + "RDATA", std::string(kPort) + "RRESP"}),
      stall_aw_(s.OutputStall()),
      stall_w_(s.OutputStall()),
      stall_b_(s.OutputStall()),
      stall_ar_(s.OutputStall()),
      stall_r_(s.OutputStall()) {}

void AxiControl::Drive() {
  // Each channel's stall advances once a cycle, needed or not.
  const bool aw_go = stall_aw_.Go(), w_go = stall_w_.Go(), b_go = stall_b_.Go();
  const bool ar_go = stall_ar_.Go(), r_go = stall_r_.Go();
  aw_offered_ = aw_pending_ && (aw_offered_ || aw_go);
  w_offered_ = w_pending_ && (w_offered_ || w_go);
  ar_offered_ = ar_pending_ && (ar_offered_ || ar_go);
  awvalid_.Set(aw_offered_);
  awaddr_.Set(address_);
  wvalid_.Set(w_offered_);
  wdata_.Set(data_);
  wstrb_.Set(15);
  bready_.Set(b_pending_ && b_go);
  arvalid_.Set(ar_offered_);
  araddr_.Set(address_);
  rready_.Set(r_pending_ && r_go);
}

void AxiControl::Sample() {
  stable_b_.Sample();
  stable_r_.Sample();
  if (aw_offered_ && awready_.High()) aw_pending_ = aw_offered_ = false;
  if (w_offered_ && wready_.High()) w_pending_ = w_offered_ = false;
  if (ar_offered_ && arready_.High()) ar_pending_ = ar_offered_ = false;
  if (bready_.High() && bvalid_.High()) {
    b_pending_ = false;
    if (bresp_.Get64() != 0) simulation_.Fail("s_axi_control answers a write with an error");
  }
  if (rready_.High() && rvalid_.High()) {
    r_pending_ = false;
    data_ = static_cast<uint32_t>(rdata_.Get64());
    if (rresp_.Get64() != 0) simulation_.Fail("s_axi_control answers a read with an error");
  }
}

void AxiControl::Wait() {
  for (int i = 0; aw_pending_ || w_pending_ || b_pending_ || ar_pending_ || r_pending_; ++i) {
    if (i > kTimeout) throw std::runtime_error("s_axi_control does not answer");
    simulation_.Step();
  }
}

void AxiControl::Write(uint64_t address, uint32_t data) {
  address_ = address;
  data_ = data;
  aw_pending_ = w_pending_ = b_pending_ = true;
  Wait();
}

uint32_t AxiControl::Read(uint64_t address) {
  address_ = address;
  ar_pending_ = r_pending_ = true;
  Wait();
  return data_;
}

uint64_t AxiControl::Read64(uint64_t address) {
  const uint64_t low = Read(address);
  return low | static_cast<uint64_t>(Read(address + 4)) << 32;
}

}  // namespace cosim
