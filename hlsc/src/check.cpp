// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>

#include "diagnostics.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::Instruction;
using llvm::isa;
using llvm::Value;

namespace {

// x / 2^n, rounding towards zero, and its remainder.
Value* SignedDivision(Instruction& i, unsigned n) {
  llvm::IRBuilder<> builder(&i);
  Value* x = i.getOperand(0);
  const unsigned width = WidthOf(x);
  Value* sign = builder.CreateAShr(x, width - 1);
  Value* bias = builder.CreateLShr(sign, width - n);
  Value* quotient = builder.CreateAShr(builder.CreateAdd(x, bias), n);
  if (i.getOpcode() == Instruction::SDiv) return quotient;
  return builder.CreateSub(x, builder.CreateShl(quotient, n));
}

void CheckType(Instruction& i) {
  const llvm::Type* type = i.getType();
  if (type->isFloatingPointTy()) Refuse(i, "floating point", "use ap_int arithmetic on the bits");
  if (type->isVectorTy() || type->isAggregateType())
    Refuse(i, "a value of several fields", "use one variable for each");
  for (const llvm::Use& operand : i.operands()) {
    if (operand->getType()->isFloatingPointTy())
      Refuse(i, "floating point", "use ap_int arithmetic on the bits");
  }
}

}  // namespace

void LowerDivisions(llvm::Function& function) {
  for (llvm::BasicBlock& block : function) {
    for (Instruction& i : llvm::make_early_inc_range(block)) {
      if (i.getOpcode() != Instruction::SDiv && i.getOpcode() != Instruction::SRem) continue;
      const auto* divisor = dyn_cast<llvm::ConstantInt>(i.getOperand(1));
      if (divisor == nullptr || !divisor->getValue().isPowerOf2() || divisor->isNegative() ||
          divisor->isOne())
        continue;
      i.replaceAllUsesWith(SignedDivision(i, divisor->getValue().logBase2()));
      i.eraseFromParent();
    }
  }
}

void CheckSubset(Process& process) {
  for (llvm::BasicBlock& block : process.function) {
    for (Instruction& i : block) {
      if (IsIgnored(i)) continue;
      CheckType(i);
      if (i.isVolatile()) Refuse(i, "a volatile variable", "leave volatile out");
      switch (i.getOpcode()) {
        case Instruction::UDiv:
        case Instruction::SDiv:
        case Instruction::URem:
        case Instruction::SRem:
          Refuse(i, "division by a value that is not a constant power of two",
                 "multiply by a reciprocal, or use an RTL black box");
        case Instruction::PtrToInt:
        case Instruction::IntToPtr:
          Refuse(i, "an address used as a number", "use array indices");
        case Instruction::Invoke:
        case Instruction::IndirectBr:
          Refuse(i, "this control flow", "use if, for and while");
        default:
          break;
      }
      if (auto* intrinsic = dyn_cast<llvm::IntrinsicInst>(&i)) {
        if (isa<llvm::MemIntrinsic>(intrinsic))
          Refuse(i, "an array that is copied or cleared as a whole",
                 "write a loop over its elements");
      }
      const bool pointer = i.getType()->isPointerTy();
      if (pointer && isa<llvm::LoadInst>(i))
        Refuse(i, "a pointer kept in memory", "use array indices");
      if (pointer && (isa<llvm::PHINode>(i) || isa<llvm::SelectInst>(i)))
        Refuse(i, "an address or stream chosen at run time", "choose between the values instead");
    }
  }
}

}  // namespace hlsc
