// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "cosim.hpp"

#include <exception>

#include "bench.hpp"

namespace cosim {

Outcome Cosimulate(const Kernel& kernel, const Design& design, const StallProfile& profile,
                   uint64_t seed) {
  Outcome outcome;
  NativeTrace trace;
  try {
    trace = RunNative(kernel, seed);
  } catch (const std::exception& error) {
    outcome.failures.push_back(std::string("C simulation: ") + error.what());
    return outcome;
  }
  if (!design.failure.empty()) {
    outcome.failures.push_back(design.failure);
    return outcome;
  }
  std::unique_ptr<Bench> bench;
  KernelJson json;
  std::string thrown;
  try {
    json = LoadKernelJson(design.json_path);
    bench = std::make_unique<Bench>(trace, json, design, profile, seed);
    bench->Execute();
  } catch (const std::exception& error) {
    thrown = error.what();
  }
  if (bench) {
    outcome.failures = bench->failures();
    outcome.cycles = bench->cycles();
  }
  if (!thrown.empty()) outcome.failures.push_back(thrown);
  return outcome;
}

}  // namespace cosim
