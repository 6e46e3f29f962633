// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A Verilated kernel as the card sees it: pointers to its port variables. ng-portgen writes the
// code that fills them in from the kernel's JSON.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace narrowgate::sim {

/// A port variable of the model: 1, 2, 4, 8 or 4·n bytes, little-endian, no bits beyond its width
/// set. Absent ports (null) read 0 and ignore writes.
struct Signal {
  void* data = nullptr;
  std::uint32_t bytes = 0;

  std::uint64_t Get() const {
    switch (bytes) {
      case 0:
        return 0;
      case 1:
        return *static_cast<const std::uint8_t*>(data);
      case 2:
        return *static_cast<const std::uint16_t*>(data);
      case 4:
        return *static_cast<const std::uint32_t*>(data);
      default: {
        std::uint64_t value;
        std::memcpy(&value, data, sizeof value);
        return value;
      }
    }
  }
  void Set(std::uint64_t value) const {
    if (bytes != 0) std::memcpy(data, &value, bytes < 8 ? bytes : 8);
  }
  bool Test() const { return data && *static_cast<const std::uint8_t*>(data) != 0; }
};

template <typename T>
Signal MakeSignal(T& variable) {
  return {&variable, static_cast<std::uint32_t>(sizeof variable)};
}

struct AxiSignals {
  std::string bundle;
  unsigned data_bytes = 0;
  unsigned id_width = 1;
  bool reads = false;
  bool writes = false;
  // Out of the kernel.
  Signal awvalid, awaddr, awid, awlen, awsize, awburst, wvalid, wdata, wstrb, wlast, bready;
  Signal arvalid, araddr, arid, arlen, arsize, arburst, rready;
  // Into the kernel.
  Signal awready, wready, bvalid, bid, bresp, arready, rvalid, rid, rdata, rresp, rlast;
};

struct ControlSignals {
  unsigned address_bits = 12;
  Signal awvalid, awaddr, wvalid, wdata, wstrb, bready, arvalid, araddr, rready;  // into the kernel
  Signal awready, wready, bvalid, bresp, arready, rvalid, rdata, rresp;           // out of it
};

class KernelModel {
 public:
  virtual ~KernelModel() = default;

  /// Evaluates with the clock at `level`. Inputs set before a rising edge are what the edge
  /// samples.
  virtual void Eval(bool level) = 0;

  /// Lets the clock fall without evaluating, where that changes nothing that the card can see: when
  /// no output depends on an input without a register in between.
  virtual void Fall() { Eval(false); }
  virtual void SetReset(bool active) = 0;

  /// Waveforms: false if the model was built without them.
  virtual bool OpenWaveform(const std::string& path) = 0;
  virtual void DumpWaveform(std::uint64_t time_ps) = 0;
  virtual void CloseWaveform() = 0;

  const std::vector<AxiSignals>& ports() const { return ports_; }
  const ControlSignals& control() const { return control_; }

 protected:
  std::vector<AxiSignals> ports_;
  ControlSignals control_;
};

/// Defined by the generated code.
std::unique_ptr<KernelModel> MakeKernelModel();

}  // namespace narrowgate::sim
