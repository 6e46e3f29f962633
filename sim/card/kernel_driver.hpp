// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The clock of the simulated card: one kernel, its memory channels, its control registers. The
// clock advances only while the kernel runs and while a register is accessed; memory time starts at
// 0 with every run that finds the card at rest, so that a run's cycle count does not depend on what
// went before.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "axi_port.hpp"
#include "card_spec.hpp"
#include "control_port.hpp"
#include "dram_channel.hpp"
#include "kernel_model.hpp"

namespace narrowgate::sim {

struct DriverOptions {
  StallOptions stalls;
  std::string waveform;  ///< FST file; empty: none
};

class KernelDriver {
 public:
  using Log = std::function<void(const std::string&)>;

  /// `memory[i]` is bank i of the card. Throws CardError if a bundle is not connected.
  KernelDriver(const CardSpec& spec, KernelModel& model, const std::vector<BankMemory>& memory,
               const DriverOptions& options, Log log);
  ~KernelDriver();

  /// One access of the control port; the clock advances until it is answered. Throws CardError if
  /// it is not. Beyond the port's address space, writes are ignored and reads give 0.
  void WriteRegister(std::uint32_t address, std::uint32_t value);
  std::uint32_t ReadRegister(std::uint32_t address);

  /// Whether the clock must go on: the kernel is between start and done.
  bool running() const { return running_; }

  /// Up to `cycles` cycles; stops early soon after the kernel is done.
  void Run(std::uint64_t cycles);

  std::uint64_t cycles() const { return total_cycles_; }
  const AxiPort& port(std::size_t index) const { return *ports_[index]; }
  const DramChannel& channel(std::size_t index) const { return *channels_[index]; }

  static constexpr std::uint32_t kApCtrl = 0;
  static constexpr std::uint32_t kStart = 1, kDone = 2, kIdle = 4, kReady = 8, kContinue = 16;

 private:
  void Cycle();
  void Access();
  void BeginRun();
  void EndRun();
  void PollStatus();
  void BuildMemory(const CardSpec& spec, const std::vector<BankMemory>& memory,
                   const StallOptions& stalls);

  KernelModel& model_;
  Log log_;
  ControlPort control_;
  std::vector<std::unique_ptr<DramChannel>> channels_;  // of the connected banks
  std::vector<std::unique_ptr<AxiPort>> ports_;
  const std::uint64_t period_ps_;    // whole part of the clock period
  const std::uint64_t period_rest_;  // rest, in units of 1/clock_khz ps
  const std::uint64_t clock_khz_;
  std::uint64_t rest_ = 0;
  Picoseconds now_ = 0;  // since the start of the run
  std::uint64_t run_cycles_ = 0;
  std::uint64_t total_cycles_ = 0;
  std::uint64_t runs_ = 0;
  bool waveform_ = false;
  bool running_ = false;
  std::uint32_t latched_ = 0;  // done and ready bits that polling has seen and the host has not
};

}  // namespace narrowgate::sim
