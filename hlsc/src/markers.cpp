// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "markers.h"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/Transforms/Utils/LoopUtils.h>

#include <functional>
#include <set>

#include "diagnostics.h"
#include "ir_util.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;

namespace {

// Calls `visit` for every call of marker `name` and erases those for which it returns true.
void ForMarkers(llvm::Function& function, const std::string& name,
                const std::function<bool(llvm::CallInst&)>& visit) {
  for (llvm::BasicBlock& block : function) {
    for (llvm::Instruction& instruction : llvm::make_early_inc_range(block)) {
      if (CalleeName(&instruction) != name) continue;
      if (visit(cast<llvm::CallInst>(instruction))) instruction.eraseFromParent();
    }
  }
}

int ConstantArgument(const llvm::CallInst& call, unsigned index, const char* what) {
  const auto* constant = dyn_cast<llvm::ConstantInt>(call.getArgOperand(index));
  if (constant == nullptr) {
    Refuse(call, std::string(what) + " is not a constant", "make it a constexpr");
  }
  return static_cast<int>(constant->getSExtValue());
}

std::string TextArgument(const llvm::CallInst& call, unsigned index) {
  llvm::StringRef text;
  llvm::getConstantStringInfo(call.getArgOperand(index), text);
  return text.str();
}

llvm::Value& VariableArgument(const llvm::CallInst& call) {
  llvm::Value* object = llvm::getUnderlyingObject(call.getArgOperand(0));
  if (!isa<llvm::AllocaInst>(object) && !isa<llvm::GlobalVariable>(object)) {
    Refuse(call, "the pragma's variable is not a local or static variable of this function",
           "put the pragma where the variable is declared");
  }
  return *object;
}

}  // namespace

void CheckLoopMarkers(llvm::Function& function) {
  llvm::DominatorTree dominators(function);
  llvm::LoopInfo loops(dominators);
  for (const char* name : {"__hlsc_pipeline", "__hlsc_unroll"}) {
    ForMarkers(function, name, [&](llvm::CallInst& call) {
      if (loops.getLoopFor(call.getParent()) == nullptr) {
        Refuse(call,
               std::string(name) == "__hlsc_unroll" ? "UNROLL outside a loop"
                                                    : "PIPELINE outside a loop",
               "put the pragma at the start of a loop's body");
      }
      return false;
    });
  }
}

void TakeVariableMarkers(llvm::Function& function, std::vector<InterfacePragma>& interfaces) {
  ForMarkers(function, "__hlsc_stream_depth", [](llvm::CallInst& call) {
    const int depth = ConstantArgument(call, 1, "depth");
    if (depth < 1) Refuse(call, "STREAM depth " + std::to_string(depth), "use at least 1");
    SetNote(VariableArgument(call), "hlsc.depth", depth);
    return true;
  });
  ForMarkers(function, "__hlsc_partition", [](llvm::CallInst& call) {
    llvm::Value& variable = VariableArgument(call);
    const int factor = ConstantArgument(call, 2, "factor");
    const int kind = ConstantArgument(call, 1, "kind");
    if (kind != 0 && factor < 2) {
      Refuse(call, "ARRAY_PARTITION factor " + std::to_string(factor), "use a factor of 2 or more");
    }
    // One note per dimension: kind + 4 · factor.
    const int dim = ConstantArgument(call, 3, "dim");
    SetNote(variable, ("hlsc.partition." + std::to_string(dim)).c_str(), kind + 4 * factor);
    return true;
  });
  ForMarkers(function, "__hlsc_storage", [](llvm::CallInst& call) {
    SetNote(VariableArgument(call), "hlsc.ports", ConstantArgument(call, 1, "ports"));
    SetNote(VariableArgument(call), "hlsc.style", ConstantArgument(call, 2, "impl"));
    return true;
  });
  ForMarkers(function, "__hlsc_dependence", [](llvm::CallInst& call) {
    const bool inter = ConstantArgument(call, 1, "kind") != 0;
    SetNote(VariableArgument(call), inter ? "hlsc.no_inter" : "hlsc.no_intra", 1);
    return true;
  });
  ForMarkers(function, "__hlsc_interface", [&](llvm::CallInst& call) {
    interfaces.push_back(
        {TextArgument(call, 0), TextArgument(call, 1), TextArgument(call, 2), Where(call)});
    return true;
  });
}

bool TakeDataflowMarker(llvm::Function& function) {
  llvm::DominatorTree dominators(function);
  llvm::LoopInfo loops(dominators);
  bool found = false;
  ForMarkers(function, "__hlsc_dataflow", [&](llvm::CallInst& call) {
    if (loops.getLoopFor(call.getParent()) != nullptr) {
      Refuse(call, "DATAFLOW in a loop",
             "put DATAFLOW in the top function and the loop into its processes");
    }
    found = true;
    return true;
  });
  return found;
}

void ResolveAliases(llvm::Function& function) {
  ForMarkers(function, "__hlsc_maxi_alias", [](llvm::CallInst& call) {
    llvm::Value* copy = call.getArgOperand(0);
    llvm::Value* original = call.getArgOperand(1);
    if (!isa<llvm::AllocaInst>(copy)) {
      Refuse(call, "a burst_maxi is copied into another object", "pass it by reference");
    }
    copy->replaceUsesWithIf(original, [&](llvm::Use& use) { return use.getUser() != &call; });
    return true;
  });
}

void ReplaceAccessMarkers(llvm::Function& function) {
  llvm::Module& module = *function.getParent();
  llvm::IRBuilder<> builder(function.getContext());
  const auto pop = [&](PortKind kind) {
    return [&, kind](llvm::CallInst& call) {
      builder.SetInsertPoint(&call);
      const int width = ConstantArgument(call, 2, "width"),
                size = ConstantArgument(call, 3, "size");
      llvm::Value* value = builder.CreateCall(PopFunction(module, kind, width),
                                              {call.getArgOperand(0), builder.getTrue()});
      builder.CreateStore(builder.CreateZExt(value, builder.getIntNTy(8 * size)),
                          call.getArgOperand(1));
      return true;
    };
  };
  const auto push = [&](PortKind kind) {
    return [&, kind](llvm::CallInst& call) {
      builder.SetInsertPoint(&call);
      const int width = ConstantArgument(call, 2, "width"),
                size = ConstantArgument(call, 3, "size");
      llvm::Value* value = builder.CreateLoad(builder.getIntNTy(8 * size), call.getArgOperand(1));
      builder.CreateCall(PushFunction(module, kind, width),
                         {call.getArgOperand(0),
                          builder.CreateTrunc(value, builder.getIntNTy(width)), builder.getTrue()});
      return true;
    };
  };
  const auto request = [&](PortKind kind) {  // {beats[31:0], offset[63:0]}
    return [&, kind](llvm::CallInst& call) {
      builder.SetInsertPoint(&call);
      auto* wide = builder.getIntNTy(96);
      llvm::Value* beats = builder.CreateShl(builder.CreateZExt(call.getArgOperand(2), wide), 64);
      llvm::Value* word = builder.CreateOr(beats, builder.CreateZExt(call.getArgOperand(1), wide));
      builder.CreateCall(PushFunction(module, kind, 96),
                         {call.getArgOperand(0), word, builder.getTrue()});
      return true;
    };
  };
  ForMarkers(function, "__hlsc_stream_read", pop(PortKind::kStream));
  ForMarkers(function, "__hlsc_stream_write", push(PortKind::kStream));
  ForMarkers(function, "__hlsc_maxi_read", pop(PortKind::kReadData));
  ForMarkers(function, "__hlsc_maxi_write", push(PortKind::kWriteData));
  ForMarkers(function, "__hlsc_maxi_read_request", request(PortKind::kReadRequest));
  ForMarkers(function, "__hlsc_maxi_write_request", request(PortKind::kWriteRequest));
  ForMarkers(function, "__hlsc_maxi_write_response", [&](llvm::CallInst& call) {
    builder.SetInsertPoint(&call);
    builder.CreateCall(PopFunction(module, PortKind::kWriteResponse, 1),
                       {call.getArgOperand(0), builder.getTrue()});
    return true;
  });
}

void TakeLoopMarkers(llvm::Function& function) {
  llvm::DominatorTree dominators(function);
  llvm::LoopInfo loops(dominators);
  std::set<llvm::Loop*> pipelined, unrolled;
  ForMarkers(function, "__hlsc_pipeline", [&](llvm::CallInst& call) {
    const int ii = ConstantArgument(call, 0, "II");
    if (ii < 0) Refuse(call, "PIPELINE II=" + std::to_string(ii), "use II=1 or more");
    llvm::Loop* loop = loops.getLoopFor(call.getParent());
    if (ii > 0) {
      llvm::addStringMetadataToLoop(loop, kPipelineNote, ii);
      pipelined.insert(loop);
      // LLVM may drop a loop's metadata; a call that stays in the body can restore it.
      llvm::IRBuilder<> builder(&call);
      builder.CreateCall(PipelineFunction(*function.getParent()),
                         {builder.getInt32(static_cast<unsigned>(ii))});
    }
    return true;
  });
  ForMarkers(function, "__hlsc_unroll", [&](llvm::CallInst& call) {
    llvm::Loop* loop = loops.getLoopFor(call.getParent());
    const int factor = ConstantArgument(call, 0, "factor");
    if (factor < 0)
      Refuse(call, "UNROLL factor=" + std::to_string(factor), "use a factor of 1 or more");
    if (factor > 1) llvm::addStringMetadataToLoop(loop, "llvm.loop.unroll.count", factor);
    if (factor == 0 && unrolled.insert(loop).second) {
      llvm::addStringMetadataToLoop(loop, "llvm.loop.unroll.full", 1);
    }
    return true;
  });
  for (llvm::Loop* loop : loops.getLoopsInPreorder()) {
    // As in Vitis, loops under PIPELINE are unrolled in full.
    for (llvm::Loop* outer = loop->getParentLoop(); outer != nullptr;
         outer = outer->getParentLoop()) {
      if (pipelined.count(outer) == 0) continue;
      if (pipelined.count(loop) != 0) {
        Refuse(WhereLoop(*loop), "PIPELINE in a loop inside a pipelined loop",
               "pipeline only one of them");
      }
      if (unrolled.insert(loop).second)
        llvm::addStringMetadataToLoop(loop, "llvm.loop.unroll.full", 1);
    }
  }
}

void RestorePipelines(llvm::Function& function) {
  llvm::DominatorTree dominators(function);
  llvm::LoopInfo loops(dominators);
  ForMarkers(function, "__hlsc.pipeline", [&](llvm::CallInst& call) {
    llvm::Loop* loop = loops.getLoopFor(call.getParent());
    if (loop != nullptr && !PipelineII(*loop))
      llvm::addStringMetadataToLoop(loop, kPipelineNote,
                                    static_cast<unsigned>(ConstantArgument(call, 0, "II")));
    return true;
  });
}

// Calls of a scalar black box are pure: operands in, one result out.
void MakeScalarBlackBox(llvm::Function& function) {
  function.deleteBody();
  function.setDoesNotThrow();
  function.addFnAttr(llvm::Attribute::WillReturn);
  function.setMemoryEffects(llvm::MemoryEffects::none());
  function.addFnAttr(llvm::Attribute::Speculatable);
}

}  // namespace hlsc
