// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Master of the kernel's AXI4-Lite control port: one access at a time.
#pragma once

#include "kernel_model.hpp"

namespace narrowgate::sim {

class ControlPort {
 public:
  explicit ControlPort(const ControlSignals& signals) : signals_(signals) { Drive(); }

  void StartWrite(std::uint32_t address, std::uint32_t data) {
    signals_.awaddr.Set(address);
    signals_.wdata.Set(data);
    signals_.wstrb.Set(0xF);
    aw_ = w_ = b_ = true;
    Drive();
  }

  void StartRead(std::uint32_t address) {
    signals_.araddr.Set(address);
    ar_ = r_ = true;
    Drive();
  }

  bool busy() const { return b_ || r_; }
  std::uint32_t read_data() const { return read_data_; }

  /// Before each rising edge: carries out the handshakes that the edge completes. The valid signals
  /// of the next cycle are driven by Settle(), after the edge.
  void Step() {
    if (!busy()) return;
    aw_next_ = aw_ && !signals_.awready.Test();
    w_next_ = w_ && !signals_.wready.Test();
    ar_next_ = ar_ && !signals_.arready.Test();
    if (b_ && signals_.bvalid.Test()) b_ = false;
    if (r_ && signals_.rvalid.Test()) {
      read_data_ = static_cast<std::uint32_t>(signals_.rdata.Get());
      r_ = false;
    }
    stepped_ = true;
  }

  void Settle() {
    if (!stepped_) return;
    stepped_ = false;
    aw_ = aw_next_;
    w_ = w_next_;
    ar_ = ar_next_;
    Drive();
  }

 private:
  void Drive() {
    signals_.awvalid.Set(aw_);
    signals_.wvalid.Set(w_);
    signals_.arvalid.Set(ar_);
    signals_.bready.Set(b_);
    signals_.rready.Set(r_);
  }

  const ControlSignals signals_;
  bool aw_ = false, w_ = false, ar_ = false;  // valid now
  bool b_ = false, r_ = false;                // response awaited
  bool aw_next_ = false, w_next_ = false, ar_next_ = false;
  bool stepped_ = false;
  std::uint32_t read_data_ = 0;
};

}  // namespace narrowgate::sim
