// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A scheduled process as a SystemVerilog module.
//
// All registers stand in one clocked block behind `ap_moves`; in it, every pipeline stage does
// nothing unless it is occupied: a simulator skips idle hardware. Names: v_N is a value in the
// cycle that computes it, p_N_S what stage S keeps of it, r_N a loop-carried register, q_N a
// memory's output register, f_N a register of the controller, o_N a loop's last value, for use
// behind the loop.
#ifndef HLSC_EMITTER_H_
#define HLSC_EMITTER_H_

#include <llvm/IR/IntrinsicInst.h>

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "process.h"

namespace hlsc {

std::string Range(unsigned width);                // "" or "[w-1:0] "
std::string Identifier(const std::string& name);  // not a keyword of SystemVerilog
std::string HexConstant(const llvm::APInt& value);

class Emitter {
 public:
  explicit Emitter(Process& process);
  std::string Module();
  unsigned register_bits() const { return register_bits_; }

 private:
  // Where an expression stands: a stage of a loop, or a state of the controller.
  struct Context {
    PipelinedLoop* loop = nullptr;
    int stage = 0;
    const State* state = nullptr;
  };
  struct Interval {
    unsigned lo, width;
  };

  // References (emit_ref.cpp).
  std::string Ref(const Slices& slices, const Context& at);
  std::string SliceRef(const Slice& slice, const Context& at);
  std::string LeafRef(llvm::Value* leaf, unsigned lo, unsigned width, const Context& at);
  std::string LoopLeaf(llvm::Instruction* leaf, unsigned lo, unsigned width, const Context& at);
  std::string StateLeaf(llvm::Instruction* leaf, unsigned lo, unsigned width, const Context& at);
  std::string Select(const std::string& name, unsigned declared, unsigned lo, unsigned width) const;
  std::string Name(char kind, const llvm::Value* value);
  // Copies of a value ('f' and 'o') keep only the bits that are read from the copy.
  std::string CopyRef(char kind, llvm::Instruction* leaf, unsigned lo, unsigned width);
  unsigned CopyWidth(char kind, const llvm::Value* leaf) const;
  int BaseStage(const llvm::Instruction& leaf, const PipelinedLoop& loop);
  const Interval& Kept(const llvm::Value* leaf, int stage, unsigned lo, unsigned width);

  // Expressions (emit_expr.cpp).
  std::string Expression(llvm::Instruction& i, const Context& at);
  std::string Compare(llvm::ICmpInst& i, const std::vector<Slices>& operands, const Context& at);
  std::string Multiply(const std::vector<Slices>& operands, unsigned width, const Context& at);
  std::string Intrinsic(llvm::IntrinsicInst& i, const std::vector<Slices>& operands,
                        const Context& at);
  std::string AddressRef(const llvm::Instruction& access, const Context& at);
  std::string Predicate(const llvm::Instruction& access, const Context& at);  // "" if always true
  std::string BitFunction(const std::string& kind, unsigned width);

  // Loops (emit_loop.cpp).
  void EmitLoop(PipelinedLoop& loop);
  std::string EmitStage(PipelinedLoop& loop, int stage);
  void EmitLoopControl(PipelinedLoop& loop);
  void EmitOperation(llvm::Instruction& i, const Context& at, std::ostream& body,
                     std::vector<std::string>* locals);
  void FindWired(PipelinedLoop& loop);
  void MarkWired(const Slices& slices, PipelinedLoop& loop, int stage);
  std::string Valid(const PipelinedLoop& loop, int stage) const;
  std::string ValidBits(const PipelinedLoop& loop, int first, int last) const;
  std::string NextValid(PipelinedLoop& loop);
  std::string Go(const PipelinedLoop& loop, int stage) const;
  std::string Continue(PipelinedLoop& loop);
  void MergeIntervals();
  void FindRegions(PipelinedLoop& loop);
  int HoldStage(const PipelinedLoop& loop, int stage) const;  // -1: never held
  void EmitBlackBox(llvm::Instruction& call, PipelinedLoop& loop);
  void EmitPromises(PipelinedLoop& loop, int stage, std::ostream& work);

  // Controller (emit_fsm.cpp).
  void EmitController();
  void EmitState(const State& state, std::ostream& body, std::vector<std::string>* locals);
  std::string Edge(const State& from, llvm::BasicBlock* to);
  std::string Branch(const State& state);
  std::string InState(int index) const;
  std::string Fire(const State& state) const;
  std::string StateConstant(int index) const;
  const State& StateAt(int index) const;
  unsigned StateBits() const;
  std::string Start(PipelinedLoop& loop);
  const State* Preheader(PipelinedLoop& loop);

  // Ports and memories (emit_ports.cpp).
  void EmitChannels();
  void EmitMemories();
  void EmitMemoryInit(const Memory& memory);
  void EmitCentralWrites(const Memory& memory);
  std::string Site(llvm::Instruction& access, bool enabled);  // when the access takes place
  Context ContextOf(llvm::Instruction& access);
  std::string Ports() const;
  void EmitUnused();
  void EmitClocked();
  void Pass();  // all of the body, in recording mode or for good

  void Declare(char kind, const llvm::Value* value, unsigned width, const std::string& suffix = "");
  bool FullyUsed(char kind, const llvm::Value* value) const;
  bool Needed(const llvm::Instruction& i);

  Process& p_;
  bool recording_ = true;
  std::map<const llvm::Value*, int> ids_;
  std::set<const llvm::Value*> live_out_, fsm_kept_, loaded_;
  std::map<const llvm::Value*, std::map<int, std::vector<Interval>>> uses_;  // leaf, stage
  std::map<const llvm::Value*, std::map<int, std::vector<Interval>>> kept_;  // leaf, stage
  std::set<const llvm::Value*> wired_;
  std::map<std::pair<char, const llvm::Value*>, llvm::APInt> copied_,
      copies_before_;  // bits read of a copy, in this pass and in the last
  std::map<std::string, std::string> functions_;
  std::map<const llvm::Argument*, llvm::APInt> argument_bits_;
  std::map<std::string, llvm::APInt> port_bits_;
  std::set<std::string> declared_;
  std::map<int, std::set<int>> stalls_;        // by loop: stages with FIFO accesses
  std::map<int, std::map<int, int>> regions_;  // by loop: stages inside a black box -> its first
  std::vector<std::string> stall_in_, stall_out_;
  std::ostringstream decl_, body_;
  std::ostringstream clocked_, valid_bits_;  // what stands in the clocked block
  std::vector<std::string> moves_;           // any of these: something moves
  unsigned register_bits_ = 0;
};

}  // namespace hlsc

#endif  // HLSC_EMITTER_H_
