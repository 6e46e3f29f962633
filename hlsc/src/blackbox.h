// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// RTL black boxes by Vitis HLS's JSON schema: a C function, its Verilog module, and which port
// carries which parameter.
#ifndef HLSC_BLACKBOX_H_
#define HLSC_BLACKBOX_H_

#include <llvm/IR/Function.h>

#include <map>
#include <string>
#include <vector>

#include "design.h"

namespace hlsc {

struct BlackBoxParameter {
  std::string name;
  bool output = false;
  std::string data, flag, enable;  // RTL ports; flag and enable only for FIFOs
  bool IsFifo() const { return !flag.empty(); }
};

struct BlackBox {
  std::string name, json_file;
  std::vector<std::string> rtl_files;  // with the JSON file's folder where they are relative
  std::vector<BlackBoxParameter> parameters;
  std::string result;                          // RTL port of the return value, empty if void
  std::map<std::string, std::string> signals;  // clock, reset, enable, start, …
  int latency = 0;
  int ii = 1;
};

BlackBox ReadBlackBox(const std::string& json_file);

// A black box as a dataflow process; `function` is its C model, which gives the widths.
ProcessModule BlackBoxProcess(const BlackBox& box, llvm::Function& function);

// Refuses a call of a black box that cannot stand for one operation of a pipelined loop.
void CheckScalarBox(const BlackBox& box, const llvm::Instruction& call);

}  // namespace hlsc

#endif  // HLSC_BLACKBOX_H_
