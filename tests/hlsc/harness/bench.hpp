// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The test bench around one kernel: agents on all its ports, and the host's part of a run.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "axi_control.hpp"
#include "axi_memory.hpp"
#include "axis.hpp"
#include "kernel_json.hpp"
#include "native_trace.hpp"
#include "simulation.hpp"

namespace cosim {

class Bench {
 public:
  Bench(const NativeTrace& trace, const KernelJson& json, const Design& design,
        const StallProfile& profile, uint64_t seed);

  // Executes every start; throws std::runtime_error when the kernel hangs.
  void Execute();
  const std::vector<std::string>& failures() const { return simulation_.failures(); }
  const std::vector<uint64_t>& cycles() const { return cycles_; }

 private:
  void CheckJson();
  void MakeAxis();
  void CheckIdentity();
  void ExecuteRun(std::size_t index);
  void PlaceMemories(const NativeRun& run);
  void CompareMemories(const NativeRun& run);
  void CheckCounters(const NativeRun& run);
  void CheckCounter(const std::string& name, uint64_t now);
  void WaitForDone(bool by_interrupt);
  void Finish();
  void WriteArgument(const KernelJson::Argument& argument, const Bits& value);

  const NativeTrace& trace_;
  const KernelJson& json_;
  Dut dut_;
  Simulation simulation_;
  Random random_;
  AxiControl control_;
  Pin interrupt_;
  std::map<std::string, std::unique_ptr<AxiMemory>> memories_;  // by bundle
  std::map<StreamId, std::unique_ptr<AxisSource>> sources_;
  std::map<StreamId, std::unique_ptr<AxisSink>> sinks_;
  std::map<int, std::vector<Bits>> contents_;  // of every memory argument
  std::map<int, uint64_t> bases_;
  std::map<std::string, uint64_t> before_;  // counts of the ports when this run began
  std::vector<uint64_t> cycles_;
  const std::vector<Bits> no_data_;
};

}  // namespace cosim
