// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A dataflow process on its way from LLVM IR to SystemVerilog: its ports, memories, pipelined
// loops and states, and for each value the bits that anybody looks at.
#ifndef HLSC_PROCESS_H_
#define HLSC_PROCESS_H_

#include <llvm/ADT/APInt.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/IR/Function.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "delay.h"
#include "ifconvert.h"
#include "ir_util.h"
#include "pieces.h"
#include "pragmas.h"

namespace hlsc {

struct BlackBox;

// A FIFO port of the process.
struct Channel {
  std::string name;  // "<argument>[_<element>]<suffix>"
  PortKind kind;
  unsigned width;
  bool output;
  unsigned argument;
  int element;  // in an array of streams, else 0
  std::string source_name;
};

struct Memory {
  std::string name;
  llvm::Value* base;
  unsigned width = 0;       // bits of a word as the program accesses it
  unsigned used_width = 0;  // bits that anybody looks at
  unsigned depth = 0;       // words
  unsigned bytes = 0;       // of a word in the program
  int ports = 2;
  RamStyle style = RamStyle::kAuto;
  bool rom = false;
  bool combinational = false;  // registers or LUTs: any number of reads, within the cycle
  bool central = false;        // written by several loops or states: one shared write port
  bool no_inter = false, no_intra = false;  // DEPENDENCE promises
  std::vector<llvm::Instruction*> loads, stores;
  unsigned AddressBits() const;
};

// base + sum of index · scale, in words.
struct Address {
  Memory* memory = nullptr;
  int64_t base = 0;
  std::vector<std::pair<llvm::Value*, int64_t>> terms;
};

struct PipelinedLoop {
  int index = 0;
  llvm::BasicBlock* block = nullptr;
  int ii = 1;
  int depth = 1;  // stages
  std::string file;
  unsigned line = 0;
  std::string source_name;
  std::unordered_map<const llvm::Instruction*, int> cycle;    // of issue
  std::unordered_map<const llvm::Instruction*, int> latency;  // cycles until the value is there
  std::unordered_map<const llvm::Instruction*, int> update;   // phi: stage that writes the register
};

// A state of the controller: operations outside pipelined loops, or the run of one loop.
struct State {
  int index = 0;
  llvm::BasicBlock* block = nullptr;
  std::vector<llvm::Instruction*> operations;
  llvm::Instruction* access = nullptr;  // at most one FIFO access, for which the state waits
  PipelinedLoop* loop = nullptr;
  bool last = false;  // takes the block's branch
};

class Process {
 public:
  Process(llvm::Function& function, Passes& passes, const Exclusive& exclusive, double clock_mhz);

  // The steps, in this order; each throws Refusal for what is outside the subset.
  void CollectLoops();
  void CollectPorts();
  void CollectMemories();
  void FindUsedBits();
  void Schedule();
  void MakeStates();

  // Operands as slices, cut to the bits that matter for the result.
  std::vector<Slices> Operands(const llvm::Instruction& instruction);
  Address AddressOf(const llvm::Instruction& access);
  Slices AddressTerm(const Address& address, size_t term);
  unsigned UsedWidth(const llvm::Value* value) const;     // 0: nobody looks
  bool IsComputed(const llvm::Instruction& instruction);  // an operation with a value of its own
  PipelinedLoop* LoopOf(const llvm::Value* value) const;  // null outside pipelined loops
  int LatencyOf(const llvm::Instruction& instruction);    // cycles of a multi-cycle operation
  const BlackBox* BlackBoxOf(const llvm::Value& value) const;  // null if not a call of one
  double DelayOf(const llvm::Instruction& instruction);        // nanoseconds within a cycle
  // Bits of an operand without redundant sign or zero extension.
  unsigned SignificantBits(const Slices& operand, bool* is_signed) const;
  Slices Narrowed(const Slices& operand) const;
  // A comparison that only asks whether the bits of operand 0 from `lo` on are all zero (or not):
  // with a power of two, or of a sign.
  struct ZeroTest {
    unsigned lo;
    bool equal;
  };
  std::optional<ZeroTest> ZeroTestOf(const llvm::Instruction& instruction) const;
  Channel& ChannelOf(const llvm::Instruction& access);
  Memory& MemoryOf(const llvm::Instruction& access);
  std::string SourceName(const llvm::Value& value) const;

  llvm::Function& function;
  const Exclusive& exclusive;
  Delays delays;
  Pieces pieces;
  std::string name;
  std::vector<std::unique_ptr<Channel>> channels;
  std::vector<std::unique_ptr<Memory>> memories;
  std::vector<std::unique_ptr<PipelinedLoop>> loops;
  std::vector<State> states;
  std::unordered_map<const llvm::BasicBlock*, int> first_state;
  std::unordered_map<const llvm::Instruction*, int> state_of;  // outside pipelined loops
  std::unordered_map<const llvm::Value*, llvm::APInt> used;
  std::vector<std::string> argument_names;
  std::map<std::string, const BlackBox*> black_boxes;  // those that compute one value
  llvm::LoopInfo& loop_info;
  llvm::ScalarEvolution& evolution;

 private:
  Memory& AddMemory(llvm::Instruction& access, llvm::Value* base);
  void SetMemoryKind(Memory& memory);
  bool MarkUsed(const Slices& slices);
  int ComputeLatency(const llvm::Instruction& instruction);
  double ComputeDelay(const llvm::Instruction& instruction);

  std::unordered_map<const llvm::Instruction*, Channel*> channel_of_;
  std::unordered_map<const llvm::Instruction*, Memory*> memory_of_;
  std::unordered_map<const llvm::BasicBlock*, PipelinedLoop*> loop_of_;
  std::unordered_map<const llvm::Instruction*, int> latency_;  // known once used bits are
  std::unordered_map<const llvm::Instruction*, double> delay_;
};

// Debug calls, lifetimes and the like, which mean nothing in hardware.
bool IsIgnored(const llvm::Instruction& instruction);

}  // namespace hlsc

#endif  // HLSC_PROCESS_H_
