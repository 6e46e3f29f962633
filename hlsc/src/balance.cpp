// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>

#include <vector>

#include "ifconvert.h"

namespace hlsc {

using llvm::BinaryOperator;
using llvm::dyn_cast;
using llvm::isa;
using llvm::Value;

namespace {

bool IsChainOp(const llvm::Instruction& i) {
  return isa<BinaryOperator>(i) && i.isAssociative() && i.isCommutative() &&
         i.getOpcode() != llvm::Instruction::Mul;
}

// The root's operand leaves, and the operations between.
void Collect(BinaryOperator* node, BinaryOperator* root, std::vector<Value*>* leaves,
             std::vector<BinaryOperator*>* tree) {
  tree->push_back(node);
  for (Value* operand : node->operands()) {
    auto* inner = dyn_cast<BinaryOperator>(operand);
    if (inner != nullptr && inner->getOpcode() == root->getOpcode() && inner->hasOneUse() &&
        inner->getParent() == root->getParent()) {
      Collect(inner, root, leaves, tree);
    } else {
      leaves->push_back(operand);
    }
  }
}

void Rebuild(BinaryOperator* root) {
  std::vector<Value*> leaves, early, late;
  std::vector<BinaryOperator*> tree;
  Collect(root, root, &leaves, &tree);
  if (leaves.size() < 3) return;
  for (Value* leaf : leaves) (isa<llvm::PHINode>(leaf) ? late : early).push_back(leaf);
  if (leaves.size() < 4 && late.empty()) return;
  llvm::IRBuilder<> builder(root);
  const auto join = [&](Value* a, Value* b) {
    return builder.CreateBinOp(root->getOpcode(), a, b);
  };
  while (early.size() > 1) {
    std::vector<Value*> next;
    for (size_t i = 0; i + 1 < early.size(); i += 2) next.push_back(join(early[i], early[i + 1]));
    if (early.size() % 2 == 1) next.push_back(early.back());
    early = next;
  }
  Value* result = early.empty() ? nullptr : early[0];
  for (Value* leaf : late) result = result == nullptr ? leaf : join(result, leaf);
  root->replaceAllUsesWith(result);
  for (BinaryOperator* node : tree) {
    if (node->use_empty()) node->eraseFromParent();
  }
}

// What a loop adds conditionally to a value that it carries: LLVM makes it x + (c ? y : 0), in
// which the addition waits for the condition. c ? x + y : x does both at once.
void AddBeforeSelect(BinaryOperator* sum) {
  if (sum->getOpcode() != llvm::Instruction::Add && sum->getOpcode() != llvm::Instruction::Sub)
    return;
  for (unsigned side = 0; side < 2; ++side) {
    Value* x = sum->getOperand(1 - side);
    if (!isa<llvm::PHINode>(x) || (side == 0 && sum->getOpcode() == llvm::Instruction::Sub))
      continue;
    llvm::IRBuilder<> builder(sum);
    Value* added = sum->getOperand(side);
    Value *condition = nullptr, *result = nullptr;
    const auto join = [&](Value* y) { return builder.CreateBinOp(sum->getOpcode(), x, y); };
    if (auto* choice = dyn_cast<llvm::SelectInst>(added)) {
      const auto is_zero = [](Value* v) {
        const auto* constant = dyn_cast<llvm::ConstantInt>(v);
        return constant != nullptr && constant->isZero();
      };
      condition = choice->getCondition();
      if (is_zero(choice->getTrueValue())) {
        result = builder.CreateSelect(condition, x, join(choice->getFalseValue()));
      } else if (is_zero(choice->getFalseValue())) {
        result = builder.CreateSelect(condition, join(choice->getTrueValue()), x);
      }
    } else if (isa<llvm::ZExtInst>(added) || isa<llvm::SExtInst>(added)) {
      condition = llvm::cast<llvm::CastInst>(added)->getOperand(0);
      if (!condition->getType()->isIntegerTy(1)) continue;
      const int64_t one = isa<llvm::ZExtInst>(added) ? 1 : -1;
      result =
          builder.CreateSelect(condition, join(llvm::ConstantInt::getSigned(x->getType(), one)), x);
    }
    if (result == nullptr) continue;
    sum->replaceAllUsesWith(result);
    sum->eraseFromParent();
    return;
  }
}

}  // namespace

void ShortenRecurrences(llvm::Function& function) {
  for (llvm::BasicBlock& block : function) {
    for (llvm::Instruction& i : llvm::make_early_inc_range(block)) {
      if (auto* sum = dyn_cast<BinaryOperator>(&i)) AddBeforeSelect(sum);
    }
  }
}

void BalanceTrees(llvm::Function& function) {
  for (llvm::BasicBlock& block : function) {
    std::vector<BinaryOperator*> roots;
    for (llvm::Instruction& i : block) {
      if (!IsChainOp(i)) continue;
      const auto* user = i.hasOneUse() ? dyn_cast<llvm::Instruction>(i.user_back()) : nullptr;
      const bool inner =
          user != nullptr && user->getOpcode() == i.getOpcode() && user->getParent() == &block;
      if (!inner) roots.push_back(llvm::cast<BinaryOperator>(&i));
    }
    for (BinaryOperator* root : roots) Rebuild(root);
  }
}

}  // namespace hlsc
