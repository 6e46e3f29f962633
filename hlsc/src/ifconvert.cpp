// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "ifconvert.h"

#include <llvm/Analysis/CFG.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/LoopIterator.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>

#include <map>
#include <vector>

#include "diagnostics.h"
#include "ir_util.h"

namespace hlsc {

using llvm::BasicBlock;
using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;
using llvm::Value;

namespace {

class Converter {
 public:
  Converter(llvm::Function& function, llvm::Loop& loop, llvm::LoopInfo& loops, Exclusive* exclusive)
      : function_(function),
        loop_(loop),
        order_(&loop),
        exclusive_(exclusive),
        header_(loop.getHeader()),
        latch_(loop.getLoopLatch()),
        end_(header_->getTerminator()),
        builder_(end_) {
    order_.perform(&loops);
  }

  void Run() {
    if (latch_ == nullptr)
      Refuse(WhereLoop(loop_), "pipelined loop with several 'continue' paths", "use if/else");
    loop_id_ = latch_->getTerminator()->getMetadata("llvm.loop");
    loop_.getExitEdges(exits_);
    if (exits_.empty())
      Refuse(WhereLoop(loop_), "a loop without an end",
             "give it a condition: a kernel runs, and is done");
    NoteExclusiveBlocks();
    llvm::DominatorTree tree(function_);
    for (BasicBlock* block : order_) {
      if (tree.dominates(block, latch_)) dominating_.insert(block);
    }
    for (BasicBlock* block : order_) Flatten(block);
    Close();
  }

 private:
  using Edge = std::pair<BasicBlock*, BasicBlock*>;

  void NoteExclusiveBlocks() {
    std::vector<BasicBlock*> blocks(order_.begin(), order_.end());
    std::map<BasicBlock*, std::set<BasicBlock*>> reach;  // inside one iteration
    for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
      auto& from = reach[*block];
      from.insert(*block);
      for (BasicBlock* next : successors(*block)) {
        if (next != header_ && loop_.contains(next))
          from.insert(reach[next].begin(), reach[next].end());
      }
    }
    for (BasicBlock* block : blocks) {
      const int id = exclusive_->next_block++;
      ids_[block] = id;
      for (auto& [other, other_id] : ids_) {
        if (reach[block].count(other) != 0 || reach[other].count(block) != 0) continue;
        exclusive_->pairs.insert({id, other_id});
        exclusive_->pairs.insert({other_id, id});
      }
    }
  }

  void Flatten(BasicBlock* block) {
    Value* predicate = builder_.getTrue();
    if (block != header_) {
      predicate = nullptr;
      for (BasicBlock* from : predecessors(block)) {
        Value* edge = edges_[{from, block}];
        predicate = predicate == nullptr ? edge : builder_.CreateLogicalOr(predicate, edge);
      }
      // A block that every iteration passes needs no predicate.
      if (dominating_.count(block) != 0 && !LeavesEarly(block)) predicate = builder_.getTrue();
      SelectPhis(block);
    }
    Predicate(block, predicate);
    NoteEdges(block, predicate);
  }

  // Exits end an iteration early, so "always executed" also means that no exit comes before.
  bool LeavesEarly(BasicBlock* block) const {
    for (const auto& edge : exits_) {
      if (edge.first != block && edge.first != latch_) return true;
    }
    return false;
  }

  void SelectPhis(BasicBlock* block) {
    while (auto* phi = dyn_cast<llvm::PHINode>(&block->front())) {
      Value* value = nullptr;
      for (unsigned i = 0; i < phi->getNumIncomingValues(); ++i) {
        Value* in = phi->getIncomingValue(i);
        value = value == nullptr
                    ? in
                    : builder_.CreateSelect(edges_[{phi->getIncomingBlock(i), block}], in, value);
      }
      phi->replaceAllUsesWith(value);
      phi->eraseFromParent();
    }
  }

  void Predicate(BasicBlock* block, Value* predicate) {
    std::vector<llvm::Instruction*> body;
    for (llvm::Instruction& instruction : *block) {
      if (!instruction.isTerminator()) body.push_back(&instruction);
    }
    for (llvm::Instruction* instruction : body) {
      if (block != header_) {
        instruction->moveBefore(end_);
        instruction->dropPoisonGeneratingFlags();
      }
      if (IsAccess(instruction) || IsPredicatedStore(instruction)) {
        builder_.SetInsertPoint(instruction);
        SetPredicate(*instruction, builder_.CreateLogicalAnd(predicate, PredicateOf(*instruction)));
        SetNote(*instruction, "hlsc.block", ids_[block]);
      } else if (isa<llvm::LoadInst>(instruction) && !isa<llvm::Constant>(predicate)) {
        SetNote(*instruction, "hlsc.speculative", 1);
      } else if (auto* store = dyn_cast<llvm::StoreInst>(instruction)) {
        ReplaceStore(store, predicate, ids_[block]);
      }
      builder_.SetInsertPoint(end_);
    }
  }

  void ReplaceStore(llvm::StoreInst* store, Value* predicate, int block) {
    if (!store->getValueOperand()->getType()->isIntegerTy()) return;  // refused later, by name
    builder_.SetInsertPoint(store);
    auto* call = builder_.CreateCall(
        StoreFunction(*function_.getParent(), WidthOf(store->getValueOperand())),
        {store->getValueOperand(), store->getPointerOperand(), predicate});
    call->setDebugLoc(store->getDebugLoc());
    SetNote(*call, "hlsc.block", block);
    store->eraseFromParent();
  }

  void NoteEdges(BasicBlock* block, Value* predicate) {
    auto* branch = dyn_cast<llvm::BranchInst>(block->getTerminator());
    if (branch == nullptr)
      Refuse(*block->getTerminator(), "this control flow in a pipelined loop", "use if/else");
    for (unsigned s = 0; s < branch->getNumSuccessors(); ++s) {
      Value* edge = predicate;
      if (branch->isConditional()) {
        Value* taken = s == 0 ? branch->getCondition() : builder_.CreateNot(branch->getCondition());
        edge = builder_.CreateLogicalAnd(predicate, taken);
      }
      BasicBlock* to = branch->getSuccessor(s);
      edges_[{block, to}] = edge;
      if (!loop_.contains(to)) NoteExit(block, to, edge);
    }
  }

  void NoteExit(BasicBlock* from, BasicBlock* to, Value* edge) {
    leave_ = leave_ == nullptr ? edge : builder_.CreateLogicalOr(leave_, edge);
    Value*& to_this = leave_to_[to];
    to_this = to_this == nullptr ? edge : builder_.CreateLogicalOr(to_this, edge);
    if (std::find(targets_.begin(), targets_.end(), to) == targets_.end()) targets_.push_back(to);
    for (llvm::PHINode& phi : to->phis()) {
      Value* in = phi.getIncomingValueForBlock(from);
      Value*& out = exit_values_[&phi];
      out = out == nullptr ? in : builder_.CreateSelect(edge, in, out);
    }
  }

  // One block with one branch; several exits are told apart behind the loop.
  void Close() {
    BasicBlock* exit = targets_[0];
    std::vector<BasicBlock*> from(targets_.size(), header_);
    if (targets_.size() > 1) {
      exit = BasicBlock::Create(function_.getContext(), "exits", &function_, targets_[0]);
      BasicBlock* at = exit;
      for (size_t i = 0; i < targets_.size(); ++i) {
        from[i] = at;
        if (i + 2 >= targets_.size()) {
          from[i + 1] = at;
          llvm::BranchInst::Create(targets_[i], targets_[i + 1], leave_to_[targets_[i]], at);
          break;
        }
        BasicBlock* next =
            BasicBlock::Create(function_.getContext(), "exits", &function_, targets_[0]);
        llvm::BranchInst::Create(targets_[i], next, leave_to_[targets_[i]], at);
        at = next;
      }
    }
    for (size_t i = 0; i < targets_.size(); ++i) {
      for (llvm::PHINode& phi : targets_[i]->phis()) {
        for (const auto& edge : exits_) {
          if (edge.second == targets_[i]) phi.removeIncomingValue(edge.first, false);
        }
        phi.addIncoming(exit_values_[&phi], from[i]);
      }
    }
    for (llvm::PHINode& phi : header_->phis()) {
      const int index = phi.getBasicBlockIndex(latch_);
      if (index >= 0) phi.setIncomingBlock(index, header_);
    }
    auto* branch = llvm::BranchInst::Create(exit, header_, leave_, end_->getIterator());
    branch->setMetadata("llvm.loop", loop_id_);
    branch->setDebugLoc(end_->getDebugLoc());
    end_->eraseFromParent();
    std::vector<BasicBlock*> dead;
    for (BasicBlock* block : order_) {
      if (block != header_) dead.push_back(block);
    }
    for (BasicBlock* block : dead) block->dropAllReferences();
    for (BasicBlock* block : dead) block->eraseFromParent();
  }

  llvm::Function& function_;
  llvm::Loop& loop_;
  llvm::LoopBlocksRPO order_;
  Exclusive* exclusive_;
  BasicBlock *header_, *latch_;
  llvm::Instruction* end_;
  llvm::IRBuilder<> builder_;
  llvm::MDNode* loop_id_ = nullptr;
  llvm::SmallVector<std::pair<BasicBlock*, BasicBlock*>> exits_;
  std::map<Edge, Value*> edges_;
  std::map<BasicBlock*, int> ids_;
  std::vector<BasicBlock*> targets_;
  std::map<BasicBlock*, Value*> leave_to_;
  std::map<llvm::PHINode*, Value*> exit_values_;
  std::set<BasicBlock*> dominating_;
  Value* leave_ = nullptr;
};

llvm::Loop* NextLoop(llvm::LoopInfo& loops) {
  for (llvm::Loop* loop : loops.getLoopsInPreorder()) {
    if (!PipelineII(*loop)) continue;
    if (!loop->getSubLoops().empty()) {
      Refuse(WhereLoop(*loop->getSubLoops()[0]),
             "a loop inside a pipelined loop cannot be unrolled in full",
             "give it a constant trip count, or move PIPELINE to it");
    }
    if (loop->getNumBlocks() > 1) return loop;
  }
  return nullptr;
}

}  // namespace

bool Exclusive::Never(const llvm::Instruction& a, const llvm::Instruction& b) const {
  const auto first = GetNote(a, "hlsc.block"), second = GetNote(b, "hlsc.block");
  return first && second && pairs.count({*first, *second}) != 0;
}

void ConvertPipelinedLoops(llvm::Function& function, Passes& passes, Exclusive* exclusive) {
  while (true) {
    llvm::DominatorTree dominators(function);
    llvm::LoopInfo loops(dominators);
    llvm::Loop* loop = NextLoop(loops);
    if (loop == nullptr) break;
    Converter(function, *loop, loops, exclusive).Run();
    passes.Invalidate(function);
  }
}

}  // namespace hlsc
