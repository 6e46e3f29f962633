// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The controller: code outside pipelined loops becomes states, one after the other, each with the
// operations that fit into a cycle and at most one FIFO access; a pipelined loop is one state.
#include <llvm/ADT/PostOrderIterator.h>

#include <algorithm>
#include <map>
#include <set>

#include "diagnostics.h"
#include "multiply.h"
#include "process.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::Instruction;
using llvm::isa;

namespace {

class BlockStates {
 public:
  BlockStates(Process& process, llvm::BasicBlock& block) : process_(process), block_(block) {}

  std::vector<State> Run() {
    for (Instruction& i : block_) {
      if (IsIgnored(i) || isa<llvm::PHINode>(i) || i.isTerminator()) continue;
      const bool effect = IsAccess(&i) || IsStore(i);
      if (!effect && (!process_.IsComputed(i) || process_.UsedWidth(&i) == 0)) continue;
      Place(i);
    }
    PlaceTerminator();
    std::vector<State> states(last_ + 1);
    for (State& state : states) state.block = &block_;
    for (Instruction* i : placed_) {
      State& state = states[state_[i]];
      state.operations.push_back(i);
      if (IsAccess(i)) state.access = i;
    }
    states.back().last = true;
    return states;
  }

  int Relative(const Instruction* i) const { return state_.at(i); }
  const std::vector<Instruction*>& placed() const { return placed_; }

 private:
  struct Time {
    int state;
    double ns;
    bool logic;
  };

  Time Ready(const Instruction* leaf) {
    const Delays& delays = process_.delays;
    auto it = state_.find(leaf);
    if (it == state_.end()) return {0, delays.Register(), false};  // phis and other blocks
    if (IsPop(leaf)) return {it->second, delays.FifoOutput(), true};
    if (isa<llvm::LoadInst>(leaf) && !process_.MemoryOf(*leaf).combinational) {
      return {it->second + 1, delays.MemoryOutput(), false};
    }
    const int latency = process_.LatencyOf(*leaf);
    if (latency > 0) return {it->second + latency, delays.Register(), false};
    return {it->second, finish_[leaf], true};
  }

  void Place(Instruction& i) {
    const Delays& delays = process_.delays;
    if (process_.BlackBoxOf(i) != nullptr)
      Refuse(i, "an RTL black box outside a pipelined loop", "call it in a loop with PIPELINE");
    Time at{0, delays.Register(), false};
    for (const Slices& operand : process_.Operands(i)) {
      for (const Slice& s : operand) {
        const auto* leaf = dyn_cast<Instruction>(s.leaf);
        if (leaf == nullptr || leaf->getParent() != &block_) continue;
        const Time ready = Ready(leaf);
        if (ready.state > at.state) {
          at = ready;
        } else if (ready.state == at.state) {
          at.ns = std::max(at.ns, ready.ns);
          at.logic |= ready.logic;
        }
      }
    }
    const bool central = IsStore(i) && process_.MemoryOf(i).central;
    if ((IsPush(&i) || central || process_.LatencyOf(i) > 0) && at.logic) Next(&at);
    const double delay = process_.DelayOf(i);
    if (at.ns + delay > delays.Budget() && at.ns > delays.Register()) Next(&at);
    const int bound = OrderBound(i);
    if (bound > at.state) at = {bound, delays.Register(), false};
    state_[&i] = at.state;
    finish_[&i] = at.ns + delay;
    if (IsDigitStep(i)) steps_.insert(&i);
    for (const Slices& operand : process_.Operands(i)) {
      for (const Slice& s : operand) {
        const auto* leaf = dyn_cast<Instruction>(s.leaf);
        if (leaf != nullptr && steps_.count(leaf) != 0 && state_[leaf] == at.state)
          steps_.insert(&i);
      }
    }
    placed_.push_back(&i);
    NoteOrder(i, at.state);
    last_ = std::max(last_, at.state + std::max(0, process_.LatencyOf(i) - 1));
  }

  void Next(Time* at) { *at = {at->state + 1, process_.delays.Register(), false}; }

  int OrderBound(Instruction& i) {
    if (IsAccess(&i)) return access_ + 1;
    if (PointerOf(i) == nullptr) return 0;
    const Memory* memory = &process_.MemoryOf(i);
    if (memory->combinational && !IsStore(i))
      return store_.count(memory) != 0 ? store_[memory] + 1 : 0;
    const int after_store = store_.count(memory) != 0 ? store_[memory] + 1 : 0;
    const int after_load =
        load_.count(memory) != 0 ? load_[memory] + (memory->combinational ? 0 : 1) : 0;
    return std::max(after_store, after_load);  // one access to a RAM in a state
  }

  void NoteOrder(Instruction& i, int state) {
    if (IsAccess(&i)) access_ = state;
    if (PointerOf(i) == nullptr) return;
    auto& last = IsStore(i) ? store_ : load_;
    int& entry = last[&process_.MemoryOf(i)];
    entry = std::max(entry, state);
  }

  void PlaceTerminator() {
    Instruction* end = block_.getTerminator();
    bool to_loop = false;
    for (llvm::BasicBlock* next : successors(&block_)) {
      to_loop |= process_.LoopOf(&next->front()) != nullptr;
    }
    if (to_loop && !placed_.empty()) {
      ++last_;  // the loop starts from registers
    } else {
      for (const Slices& operand : process_.Operands(*end)) AwaitCondition(operand);
      for (llvm::BasicBlock* next : successors(&block_)) {
        for (llvm::PHINode& phi : next->phis()) {
          if (process_.UsedWidth(&phi) != 0)
            Await(process_.pieces.Low(phi.getIncomingValueForBlock(&block_),
                                      process_.UsedWidth(&phi)));
        }
      }
    }
    state_[end] = last_;
  }
  // What a branch tests comes from a register where a multiplier of LUTs (multiply.h) and the
  // choice of the next state do not fit into one cycle.
  void AwaitCondition(const Slices& slices) {
    for (const Slice& s : slices) {
      const auto* leaf = dyn_cast<Instruction>(s.leaf);
      if (leaf == nullptr || leaf->getParent() != &block_) continue;
      const Time ready = Ready(leaf);
      const Delays& delays = process_.delays;
      const bool late = steps_.count(leaf) != 0 && ready.ns + delays.NextState() > delays.Budget();
      last_ = std::max(last_, ready.state + (late ? 1 : 0));
    }
  }
  void Await(const Slices& slices) {
    for (const Slice& s : slices) {
      const auto* leaf = dyn_cast<Instruction>(s.leaf);
      if (leaf != nullptr && leaf->getParent() == &block_)
        last_ = std::max(last_, Ready(leaf).state);
    }
  }

  Process& process_;
  llvm::BasicBlock& block_;
  std::map<const Instruction*, int> state_;
  std::map<const Instruction*, double> finish_;
  std::set<const Instruction*> steps_;  // behind a digit step of their own state
  std::map<const Memory*, int> store_, load_;
  std::vector<Instruction*> placed_;
  int access_ = -1;
  int last_ = 0;
};

}  // namespace

void Process::MakeStates() {
  llvm::ReversePostOrderTraversal<llvm::Function*> order(&function);
  states.clear();
  for (llvm::BasicBlock* block : order) {
    const int first = static_cast<int>(states.size()) + 1;  // state 0 waits for ap_start
    first_state[block] = first;
    if (PipelinedLoop* loop = LoopOf(&block->front())) {
      State state;
      state.block = block;
      state.loop = loop;
      state.last = true;
      state.index = first;
      states.push_back(state);
      continue;
    }
    BlockStates builder(*this, *block);
    for (State& state : builder.Run()) {
      state.index = static_cast<int>(states.size()) + 1;
      states.push_back(state);
    }
    for (Instruction* i : builder.placed()) state_of[i] = first + builder.Relative(i);
    state_of[block->getTerminator()] = states.back().index;
  }
}

}  // namespace hlsc
