// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "prepare.h"

#include <llvm/ADT/SCCIterator.h>
#include <llvm/Analysis/CallGraph.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IntrinsicInst.h>

#include "diagnostics.h"
#include "ir_util.h"
#include "markers.h"
#include "passes.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;

namespace {

llvm::Function* FindTop(llvm::Module& module, const std::string& source, const std::string& name) {
  llvm::Function* top = nullptr;
  for (llvm::Function& function : module) {
    if (function.isDeclaration() || PlainName(function) != name) continue;
    if (top != nullptr) {
      Refuse(function, "two functions are called '" + name + "'",
             "give the top function a name of its own");
    }
    top = &function;
  }
  if (top == nullptr) {
    Refuse(source + ":1", "there is no function '" + name + "'", "see --top");
  }
  return top;
}

// Gives arguments and local variables their C++ names, for ports, memories and messages. What tells
// them is dropped then: optimising a kernel would spend a third of its time on it. Lines stay.
void NameValues(llvm::Function& function) {
  std::vector<std::string> arguments;
  for (llvm::BasicBlock& block : function) {
    for (llvm::Instruction& instruction : block) {
      for (llvm::DbgVariableRecord& record : llvm::filterDbgVars(instruction.getDbgRecordRange())) {
        const llvm::DILocalVariable* variable = record.getVariable();
        if (variable->getArg() > 0) {
          if (arguments.size() < variable->getArg()) arguments.resize(variable->getArg());
          arguments[variable->getArg() - 1] = variable->getName().str();
        } else if (auto* local =
                       dyn_cast_or_null<llvm::AllocaInst>(record.getVariableLocationOp(0))) {
          local->setName(variable->getName());
          SetNote(*local, "hlsc.line", static_cast<int>(variable->getLine()));
        }
      }
      instruction.dropDbgRecords();
    }
  }
  if (arguments.size() != function.arg_size()) return;
  for (unsigned i = 0; i < function.arg_size(); ++i) {
    if (!arguments[i].empty()) function.getArg(i)->setName(arguments[i]);
  }
}

bool IsMarker(const llvm::Function& function) { return function.getName().starts_with("__hlsc"); }

void RefuseRecursion(llvm::Module& module) {
  llvm::CallGraph graph(module);
  for (auto scc = llvm::scc_begin(&graph); !scc.isAtEnd(); ++scc) {
    if (!scc.hasCycle()) continue;
    llvm::Function* function = (*scc)[0]->getFunction();
    if (function == nullptr || function->isDeclaration()) continue;
    Refuse(*function, "function '" + PlainName(*function) + "' is recursive", "write it as a loop");
  }
}

// The processes of a DATAFLOW function are the functions that it calls.
std::vector<llvm::Function*> ProcessesOf(llvm::Function& top,
                                         const std::set<std::string>& black_boxes) {
  std::vector<llvm::Function*> processes;
  for (llvm::BasicBlock& block : top) {
    for (llvm::Instruction& instruction : block) {
      auto* call = dyn_cast<llvm::CallInst>(&instruction);
      llvm::Function* callee = call == nullptr ? nullptr : call->getCalledFunction();
      if (callee == nullptr || IsMarker(*callee) || isa<llvm::IntrinsicInst>(call)) continue;
      if (callee->isDeclaration() && black_boxes.count(PlainName(*callee)) == 0) continue;
      if (!callee->getReturnType()->isVoidTy()) {
        Refuse(instruction, "process '" + PlainName(*callee) + "' returns a value",
               "let it write a stream");
      }
      if (std::find(processes.begin(), processes.end(), callee) == processes.end()) {
        processes.push_back(callee);
      }
    }
  }
  return processes;
}

void SetInlining(llvm::Module& module, const Prepared& prepared,
                 const std::set<std::string>& black_boxes) {
  for (llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    function.removeFnAttr(llvm::Attribute::OptimizeNone);
    const bool keep = &function == prepared.top ||
                      std::find(prepared.processes.begin(), prepared.processes.end(), &function) !=
                          prepared.processes.end();
    const bool black_box = black_boxes.count(PlainName(function)) != 0;
    if (keep || black_box) {
      function.removeFnAttr(llvm::Attribute::AlwaysInline);
      function.addFnAttr(llvm::Attribute::NoInline);
      function.setComdat(nullptr);
      function.setLinkage(llvm::GlobalValue::ExternalLinkage);
      function.setVisibility(llvm::GlobalValue::DefaultVisibility);
    } else {
      function.removeFnAttr(llvm::Attribute::NoInline);
      function.addFnAttr(llvm::Attribute::AlwaysInline);
    }
    // An RTL black box replaces the body; a scalar one computes nothing but its result.
    if (black_box && !keep) MakeScalarBlackBox(function);
  }
}

void DropUnused(llvm::Module& module, const Prepared& prepared) {
  for (llvm::Function& function : llvm::make_early_inc_range(module)) {
    const bool keep = &function == prepared.top ||
                      std::find(prepared.processes.begin(), prepared.processes.end(), &function) !=
                          prepared.processes.end();
    if (keep || function.isDeclaration()) continue;
    function.setLinkage(llvm::GlobalValue::InternalLinkage);
    function.setComdat(nullptr);
    if (function.use_empty()) function.eraseFromParent();
  }
}

void RefuseCalls(llvm::Function& function, const std::set<std::string>& black_boxes,
                 const std::vector<llvm::Function*>& allowed) {
  for (llvm::BasicBlock& block : function) {
    for (llvm::Instruction& instruction : block) {
      auto* call = dyn_cast<llvm::CallInst>(&instruction);
      if (call == nullptr || isa<llvm::IntrinsicInst>(call)) continue;
      llvm::Function* callee = call->getCalledFunction();
      if (callee == nullptr) {
        Refuse(instruction, "call through a function pointer", "call the function by its name");
      }
      if (std::find(allowed.begin(), allowed.end(), callee) != allowed.end()) continue;
      if (IsMarker(*callee) || black_boxes.count(PlainName(*callee)) != 0) continue;
      const std::string name = callee->getName().str();
      if (name == "_Znwm" || name == "_Znam" || name == "malloc" || name == "calloc") {
        Refuse(instruction, "dynamic allocation", "use an array of constant size");
      }
      if (callee->isDeclaration()) {
        Refuse(instruction, "call of '" + PlainName(*callee) + "', whose body is not known",
               "include its source, or declare an RTL black box with --blackbox");
      }
    }
  }
}

}  // namespace

Prepared Prepare(llvm::Module& module, const std::string& source, const std::string& top,
                 const std::set<std::string>& black_boxes) {
  Prepared prepared;
  prepared.top = FindTop(module, source, top);
  for (llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    NameValues(function);
    CheckLoopMarkers(function);
    TakeVariableMarkers(function, prepared.interfaces);
    if (TakeDataflowMarker(function)) {
      if (&function != prepared.top) {
        Refuse(function, "DATAFLOW in '" + PlainName(function) + "', which is not the top function",
               "move its processes into the top function");
      }
      prepared.dataflow = true;
    }
  }
  RefuseRecursion(module);

  // First the headers' own small functions, so that only calls of the user's functions are left.
  Passes passes;
  passes.InlineAlways(module);
  if (prepared.dataflow) prepared.processes = ProcessesOf(*prepared.top, black_boxes);
  if (!prepared.dataflow) prepared.processes = {prepared.top};
  SetInlining(module, prepared, black_boxes);
  passes.InlineAlways(module);
  DropUnused(module, prepared);
  if (prepared.dataflow) RefuseCalls(*prepared.top, black_boxes, prepared.processes);
  for (llvm::Function* process : prepared.processes) {
    if (black_boxes.count(PlainName(*process)) == 0) RefuseCalls(*process, black_boxes, {});
  }
  for (llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    passes.PromoteVariables(function);
    ResolveAliases(function);
    ReplaceAccessMarkers(function);
    TakeLoopMarkers(function);
  }
  // "Native" integer widths would make LLVM widen counters to 64 bits.
  std::string layout = module.getDataLayoutStr();
  const size_t native = layout.find("-n8:16:32:64");
  if (native != std::string::npos) layout.erase(native, 12);
  module.setDataLayout(layout);
  passes.Optimise(module);
  return prepared;
}

}  // namespace hlsc
