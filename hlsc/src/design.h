// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The kernel around its processes: instances, FIFOs, memory ports, control registers.
#ifndef HLSC_DESIGN_H_
#define HLSC_DESIGN_H_

#include <llvm/ADT/APInt.h>
#include <llvm/IR/Function.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "ir_util.h"
#include "pieces.h"
#include "prepare.h"

namespace hlsc {

// What the kernel needs to know of a process module.
struct ModulePort {
  std::string name;  // of the FIFO port group
  PortKind kind;
  unsigned width;
  bool output;
  unsigned argument;
  int element;
};
struct ProcessModule {
  std::string name;
  bool black_box = false;
  std::vector<ModulePort> ports;
  std::map<unsigned, std::string> scalars;  // argument -> port
  std::map<unsigned, unsigned> scalar_widths;
  std::vector<std::string> argument_names;
  std::map<std::string, std::string> black_box_ports;  // "clk", "a.empty" … -> RTL port
  nlohmann::json report;                               // loops, memories, register_bits
};

struct Instance {
  const ProcessModule* module;
  std::string name;
  std::vector<llvm::Value*> arguments;  // in the top function
  std::vector<ModulePort> ports;        // of the module; widths of black boxes filled in
  std::string where;
};

// One end of a connection: a port of an instance.
struct End {
  size_t instance;
  const ModulePort* port;
  std::string Net() const;
};
struct Fifo {
  std::string name;
  unsigned width = 0;
  int depth = 2;
  std::vector<End> writers, readers;
  std::string where;
};
struct Bundle {
  std::string name;
  unsigned data_width = 0;
  std::string read_base, write_base;  // arguments
  std::map<PortKind, End> ends;
  bool Reads() const { return ends.count(PortKind::kReadRequest) != 0; }
  bool Writes() const { return ends.count(PortKind::kWriteRequest) != 0; }
};
struct KernelArgument {
  std::string name;
  enum Kind { kScalar, kPointer, kAxis } kind = kScalar;
  unsigned bits = 0;
  unsigned offset = 0;
  std::string bundle;
  bool axis_input = false;
};

// A scalar that the DATAFLOW function computes from its arguments. Each operation is followed by
// kScalarStages registers, and the processes start when the last one is settled.
struct TopScalar {
  std::string name;
  unsigned width;
  std::string expression;
  int level;  // operations in a row up to this one
};
inline constexpr int kScalarStages = 4;
// Of the read-only register block (docs/seams.md, section 8).
inline constexpr int kRegistersVersion = 2;

struct Design {
  std::string top;
  double clock_mhz = 300;
  std::vector<std::string> defines;
  std::vector<Instance> instances;
  std::vector<Fifo> fifos;  // between processes
  std::vector<Fifo> axis;   // from or to an AXI4-Stream port
  std::vector<Bundle> bundles;
  std::vector<KernelArgument> arguments;
  std::vector<TopScalar> scalars;
  std::vector<std::map<std::string, std::string>> scalar_nets;  // by instance: port -> expression
  std::map<std::string, llvm::APInt> scalar_bits;  // by net: the bits that anybody looks at
  std::vector<std::string> CounterNames() const;
  nlohmann::json Interface() const;  // what the hash covers
  uint64_t Hash() const;
};

// Reads the top function's calls (or its one process) into a design; throws Refusal.
Design Elaborate(const Prepared& prepared,
                 const std::map<const llvm::Function*, ProcessModule>& modules, double clock_mhz,
                 const std::vector<std::string>& defines);

std::string EmitTop(const Design& design);
nlohmann::json Describe(const Design& design, const std::vector<std::string>& rtl_files);

}  // namespace hlsc

#endif  // HLSC_DESIGN_H_
