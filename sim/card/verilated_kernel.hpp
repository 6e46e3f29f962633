// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// KernelModel over a class that Verilator made. Included only by the code that ng-portgen writes,
// which fills in ports_ and control_. NG_WAVEFORMS is 1 where the model was made with --trace-fst.
#pragma once

#include <verilated.h>
#if NG_WAVEFORMS
#include <verilated_fst_c.h>
#endif

#include "kernel_model.hpp"

/// Binds `signal` to the model's port if the model has it.
#define NG_BIND(signal, port) \
  if constexpr (requires { model.port; }) signal = ::narrowgate::sim::MakeSignal(model.port)

namespace narrowgate::sim {

/// `registered_outputs`: no output of the kernel depends on an input without a register in between.
template <typename Model, bool registered_outputs>
class VerilatedKernel : public KernelModel {
 public:
  VerilatedKernel() {
    model_.ap_clk = 0;
    model_.ap_rst_n = 0;
  }
  ~VerilatedKernel() override { model_.final(); }

  void Eval(bool level) override {
    model_.ap_clk = level;
    model_.eval();
  }
  // Nothing in a kernel works on the falling edge, and what depends on inputs alone is evaluated
  // again with the rising one. All that is left to do is that Verilator sees the clock low.
  void Fall() override {
    if constexpr (registered_outputs && requires { model_.rootp->__Vtrigrprev__TOP__ap_clk; }) {
      model_.ap_clk = 0;
      model_.rootp->__Vtrigrprev__TOP__ap_clk = 0;
    } else {
      Eval(false);
    }
  }
  void SetReset(bool active) override { model_.ap_rst_n = !active; }

#if NG_WAVEFORMS
  bool OpenWaveform(const std::string& path) override {
    context_.traceEverOn(true);
    model_.trace(&waveform_, 99);
    waveform_.open(path.c_str());
    return waveform_.isOpen();
  }
  void DumpWaveform(std::uint64_t time_ps) override { waveform_.dump(time_ps); }
  void CloseWaveform() override { waveform_.close(); }
#else
  bool OpenWaveform(const std::string&) override { return false; }
  void DumpWaveform(std::uint64_t) override {}
  void CloseWaveform() override {}
#endif

 protected:
  VerilatedContext context_;
  Model model_{&context_};
#if NG_WAVEFORMS
  VerilatedFstC waveform_;
#endif
};

}  // namespace narrowgate::sim
