// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "native_trace.hpp"

#include <stdexcept>

namespace cosim {
namespace {

void Check(const Kernel& kernel, const std::vector<Argument*>& arguments) {
  if (kernel.arguments.size() != arguments.size()) {
    throw std::runtime_error(kernel.top + " has " + std::to_string(arguments.size()) +
                             " arguments, its COSIM_KERNEL names " +
                             std::to_string(kernel.arguments.size()));
  }
}

// Executes one start and appends what it did.
void RunOnce(const Run& run, NativeKernel& native, NativeTrace& trace) {
  const std::vector<Argument*> arguments = native.Arguments();
  NativeRun result;
  result.scalars = run.scalars;
  result.memory_before = run.memory;
  result.max_cycles = run.max_cycles();
  for (const Run::Pushed& push : run.pushed) {
    arguments[static_cast<std::size_t>(push.argument)]->Push(push.element, push.value);
    trace.inputs[{push.argument, push.element}].push_back(push.value);
  }
  for (const auto& [argument, value] : run.scalars) {
    arguments[static_cast<std::size_t>(argument)]->SetScalar(value);
  }
  for (const auto& [argument, contents] : run.memory) {
    arguments[static_cast<std::size_t>(argument)]->SetMemory(contents);
  }
  native.Call();
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const int argument = static_cast<int>(i);
    if (arguments[i]->kind() == Argument::Kind::kMemory) {
      result.memory_after[argument] = arguments[i]->Memory();
      if (!arguments[i]->Settled()) {
        throw std::runtime_error("'" + trace.arguments[i].name +
                                 "' has requests that were not read, written or acknowledged");
      }
    }
    if (arguments[i]->kind() != Argument::Kind::kStream) continue;
    for (int e = 0; e < arguments[i]->elements(); ++e) {
      if (trace.inputs.count({argument, e}) != 0) continue;
      std::vector<Bits>& out = trace.outputs[{argument, e}];
      for (const Bits& value : arguments[i]->Drain(e)) out.push_back(value);
      result.written[{argument, e}] = out.size();
    }
  }
  trace.runs.push_back(std::move(result));
}

}  // namespace

NativeTrace RunNative(const Kernel& kernel, uint64_t seed) {
  const std::unique_ptr<NativeKernel> native = kernel.make();
  const std::vector<Argument*> arguments = native->Arguments();
  Check(kernel, arguments);
  NativeTrace trace;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    trace.arguments.push_back({kernel.arguments[i], arguments[i]->kind(), arguments[i]->width(),
                               arguments[i]->elements()});
  }
  Random random(seed);
  for (int i = 0; i < kRuns; ++i) {
    Run run(i, random, kernel.arguments, arguments);
    kernel.stimulate(run);
    RunOnce(run, *native, trace);
  }
  for (const auto& [id, values] : trace.inputs) {
    const Argument& argument = *arguments[static_cast<std::size_t>(id.first)];
    trace.consumed[id] = values.size() - argument.Waiting(id.second);
  }
  return trace;
}

}  // namespace cosim
