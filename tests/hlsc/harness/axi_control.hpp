// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// AXI4-Lite master on s_axi_control.
#pragma once

#include <cstdint>

#include "simulation.hpp"

namespace cosim {

class AxiControl : public Agent {
 public:
  explicit AxiControl(Simulation& simulation);
  void Drive() override;
  void Sample() override;

  // Both step the simulation until the response has come.
  void Write(uint64_t address, uint32_t data);
  uint32_t Read(uint64_t address);
  uint64_t Read64(uint64_t address);

 private:
  void Wait();  // for the transfer under way; throws after kTimeout cycles
  static constexpr int kTimeout = 2000;

  Simulation& simulation_;
  Pin awaddr_, awvalid_, awready_, wdata_, wstrb_, wvalid_, wready_, bresp_, bvalid_, bready_;
  Pin araddr_, arvalid_, arready_, rdata_, rresp_, rvalid_, rready_;
  StableCheck stable_b_, stable_r_;
  Stall stall_aw_, stall_w_, stall_b_, stall_ar_, stall_r_;
  uint64_t address_ = 0;
  uint32_t data_ = 0;
  bool aw_pending_ = false, w_pending_ = false, b_pending_ = false;
  bool ar_pending_ = false, r_pending_ = false;
  // Valid once offered stays until taken; address and data come in random order.
  bool aw_offered_ = false, w_offered_ = false, ar_offered_ = false;
};

}  // namespace cosim
