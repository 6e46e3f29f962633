// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The controller of a process: state 0 waits for ap_start, one state (or more) runs each piece of
// straight-line code, one each pipelined loop; the last two give ap_done and wait for ap_continue.
#include <algorithm>
#include <bit>

#include "diagnostics.h"
#include "emitter.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::Instruction;
using llvm::isa;

// The highest bit is ap_done, the next one says that the controller may wait long: for ap_start or
// for a loop. The lower ones are the state's index; the two states behind the last give ap_done.
std::string Emitter::StateConstant(int index) const {
  const int states = static_cast<int>(p_.states.size());
  const int done = 1 << (StateBits() - 1), rest = done / 2;
  int code = index;
  if (index > states) code = done + index - states - 1;
  if (index == 0 || (index <= states && StateAt(index).loop != nullptr)) code += rest;
  return std::to_string(StateBits()) + "'d" + std::to_string(code);
}

const State& Emitter::StateAt(int index) const {
  return *std::find_if(p_.states.begin(), p_.states.end(),
                       [&](const State& state) { return state.index == index; });
}

unsigned Emitter::StateBits() const {
  return static_cast<unsigned>(std::bit_width(p_.states.size())) + 2;
}

std::string Emitter::InState(int index) const {
  return "(state_q == " + StateConstant(index) + ")";
}

std::string Emitter::Fire(const State& state) const {
  if (state.access == nullptr) return InState(state.index);
  const Channel& channel = p_.ChannelOf(*state.access);
  return "(" + InState(state.index) + " & " + Identifier(channel.name) +
         (channel.output ? "_full_n" : "_empty_n") + ")";
}

const State* Emitter::Preheader(PipelinedLoop& loop) {
  const State* found = nullptr;
  for (llvm::BasicBlock* from : predecessors(loop.block)) {
    if (from == loop.block) continue;
    for (const State& state : p_.states) {
      if (state.block != from || !state.last) continue;
      if (found != nullptr)
        Refuse(*loop.block->getTerminator(), "internal error: a loop with two entries",
               "report this kernel");
      found = &state;
    }
  }
  if (found == nullptr)
    Refuse(*loop.block->getTerminator(), "internal error: a loop without an entry",
           "report this kernel");
  return found;
}

std::string Emitter::Start(PipelinedLoop& loop) {
  const State* state = Preheader(loop);
  std::string start = Fire(*state);
  auto* branch = cast<llvm::BranchInst>(state->block->getTerminator());
  if (branch->isConditional()) {
    const std::string condition = Ref(p_.pieces.Of(branch->getCondition()), {nullptr, 0, state});
    start += (branch->getSuccessor(0) == loop.block ? " & " : " & ~") + condition;
  }
  return start;
}

std::string Emitter::Edge(const State& from, llvm::BasicBlock* to) {
  std::string out;
  if (p_.LoopOf(&to->front()) == nullptr) {
    for (llvm::PHINode& phi : to->phis()) {
      const unsigned width = p_.UsedWidth(&phi) == 0 ? 0 : CopyWidth('f', &phi);
      llvm::Value* value = phi.getIncomingValueForBlock(from.block);
      if (width == 0 || !p_.IsComputed(phi) || isa<llvm::UndefValue>(value)) continue;
      out +=
          Name('f', &phi) + " <= " + Ref(p_.pieces.Low(value, width), {nullptr, 0, &from}) + "; ";
    }
  }
  return out + "state_q <= " + StateConstant(p_.first_state.at(to)) + ";";
}

std::string Emitter::Branch(const State& state) {
  Instruction* end = state.block->getTerminator();
  const int done = static_cast<int>(p_.states.size()) + 1;
  auto* branch = dyn_cast<llvm::BranchInst>(end);
  if (branch == nullptr) {
    if (!isa<llvm::ReturnInst>(end) && !isa<llvm::UnreachableInst>(end))
      Refuse(*end, "this control flow", "use if, for and while");
    return "state_q <= " + StateConstant(done) + ";";
  }
  if (state.loop != nullptr) {
    for (llvm::BasicBlock* next : successors(state.block)) {
      if (next != state.block) return Edge(state, next);
    }
  }
  if (!branch->isConditional()) return Edge(state, branch->getSuccessor(0));
  const std::string condition = Ref(p_.pieces.Of(branch->getCondition()), {nullptr, 0, &state});
  return "if (" + condition + ") begin " + Edge(state, branch->getSuccessor(0)) +
         " end else begin " + Edge(state, branch->getSuccessor(1)) + " end";
}

void Emitter::EmitState(const State& state, std::ostream& body, std::vector<std::string>* locals) {
  const Context at{nullptr, 0, &state};
  std::ostringstream work;
  if (state.loop == nullptr) {
    for (Instruction* i : state.operations) {
      const int latency = p_.LatencyOf(*i);
      if (latency == 0) EmitOperation(*i, at, work, locals);
      if (latency > 1) {
        work << "      " << Name('m', i) << "_1 <= " << CopyWidth('f', i) << "'("
             << Expression(*i, at) << ");\n";
      } else if (latency == 1) {
        work << "      " << Name('f', i) << " <= " << CopyWidth('f', i) << "'("
             << Expression(*i, at) << ");\n";
      } else if (fsm_kept_.count(i) != 0) {
        work << "      " << Name('f', i) << " <= " << LeafRef(i, 0, CopyWidth('f', i), at) << ";\n";
      }
      for (int k = 1; k < latency; ++k) Declare('m', i, CopyWidth('f', i), "_" + std::to_string(k));
      if (latency > 0 || fsm_kept_.count(i) != 0) Declare('f', i, CopyWidth('f', i));
    }
    // Multiplications under way.
    for (const State& earlier : p_.states) {
      if (earlier.block != state.block || earlier.index >= state.index) continue;
      for (Instruction* i : earlier.operations) {
        const int age = state.index - earlier.index, latency = p_.LatencyOf(*i);
        if (age >= latency) continue;
        const std::string from = Name('m', i) + "_" + std::to_string(age);
        if (age + 1 < latency) {
          work << "      " << Name('m', i) << "_" << age + 1 << " <= " << from << ";\n";
        } else {
          work << "      " << Name('f', i) << " <= " << from << ";\n";
        }
      }
    }
  }
  std::string next =
      state.last ? Branch(state) : "state_q <= " + StateConstant(state.index + 1) + ";";
  std::string wait;
  if (state.loop != nullptr) wait = "~l" + std::to_string(state.loop->index) + "_busy";
  if (state.access != nullptr) {
    const Channel& channel = p_.ChannelOf(*state.access);
    wait = Identifier(channel.name) + (channel.output ? "_full_n" : "_empty_n");
    (channel.output ? stall_out_ : stall_in_)
        .push_back("(" + InState(state.index) + " & ~" + wait + ")");
  }
  body << "      " << StateConstant(state.index) << ": "
       << (wait.empty() ? "" : "if (" + wait + ") ") << "begin\n"
       << work.str() << "      " << next << "\n      end\n";
}

void Emitter::EmitController() {
  std::ostringstream cases;
  std::vector<std::string> locals;
  for (const State& state : p_.states) {
    EmitState(state, cases, &locals);
    if (state.loop != nullptr) continue;
    for (llvm::PHINode& phi : state.block->phis()) {
      if (p_.UsedWidth(&phi) != 0 && p_.IsComputed(phi)) Declare('f', &phi, CopyWidth('f', &phi));
    }
  }
  const int done = static_cast<int>(p_.states.size()) + 1;
  decl_ << "  logic " << Range(StateBits()) << "state_q;\n";
  clocked_ << "      begin : controller\n";
  for (const std::string& local : locals) clocked_ << "    " << local;
  clocked_ << "      if (ap_rst) state_q <= " << StateConstant(0)
           << ";\n      else case (state_q)\n      " << StateConstant(0)
           << ": if (ap_start) state_q <= "
           << StateConstant(p_.first_state.at(&p_.function.getEntryBlock())) << ";\n"
           << cases.str() << "      " << StateConstant(done) << ": state_q <= ap_continue ? "
           << StateConstant(0) << " : " << StateConstant(done + 1)
           << ";\n      default: if (ap_continue) state_q <= " << StateConstant(0)
           << ";\n      endcase\n      end\n";
  body_ << "\n  // Controller.\n  assign ap_idle = " << InState(0)
        << ";\n  assign ap_done = state_q[" << StateBits() - 1
        << "];\n  assign ap_ready = ap_done & ~state_q[0];\n";
}

}  // namespace hlsc
