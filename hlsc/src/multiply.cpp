// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "multiply.h"

#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>

#include <algorithm>
#include <map>
#include <vector>

#include "ir_util.h"

namespace hlsc {

using llvm::dyn_cast;
using llvm::Instruction;
using llvm::isa;
using llvm::Value;

namespace {

constexpr char kStep[] = "hlsc.digit_step";

// A factor in as few bits as hold it.
struct Factor {
  Value* value;
  unsigned bits;
  bool is_signed;
};

Factor FactorOf(Value* value, const llvm::DataLayout& layout) {
  const unsigned full = WidthOf(value);
  const unsigned zeros = llvm::computeKnownBits(value, layout).countMinLeadingZeros();
  const unsigned signs = llvm::ComputeNumSignBits(value, layout);
  if (zeros == 0) return {value, full - signs + 1, true};
  return {value, std::max(1u, full - zeros), false};
}

class Expander {
 public:
  explicit Expander(llvm::Function& function)
      : function_(function), layout_(function.getDataLayout()), builder_(function.getContext()) {}

  void Run() {
    std::vector<Instruction*> products;
    for (llvm::BasicBlock& block : function_) {
      for (Instruction& i : block) {
        if (i.getOpcode() == Instruction::Mul) products.push_back(&i);
      }
    }
    for (const Instruction* i : products) {
      for (const Value* factor : i->operands()) ++shared_[factor];
    }
    for (Instruction* i : products) {
      builder_.SetInsertPoint(i);
      Value* product = Product(*i);
      product->takeName(i);
      i->replaceAllUsesWith(product);
      i->eraseFromParent();
    }
  }

 private:
  Value* Product(const Instruction& i) {
    const unsigned width = Needed(i);
    if (const auto* constant = dyn_cast<llvm::ConstantInt>(i.getOperand(1)))
      return Widened(ByConstant(Low(i.getOperand(0), width), constant->getValue()), WidthOf(&i));
    Factor a = FactorOf(i.getOperand(0), layout_), b = FactorOf(i.getOperand(1), layout_);
    // The multiplicand: the one with a sign; what several products share; the wider one.
    const auto rank = [&](const Factor& f) {
      return std::make_tuple(f.is_signed, shared_[f.value], f.bits);
    };
    if (rank(a) < rank(b)) std::swap(a, b);
    const unsigned digits = b.is_signed ? width : std::min(width, b.bits);
    const unsigned multiplicand = a.is_signed ? width : std::min(width, a.bits);
    return Widened(ByDigits(Low(a.value, multiplicand), Low(b.value, digits), width), WidthOf(&i));
  }

  // The low bits of a product that anybody looks at.
  static unsigned Needed(const Instruction& i) {
    unsigned needed = 1;
    for (const llvm::User* user : i.users()) {
      if (!isa<llvm::TruncInst>(user)) return WidthOf(&i);
      needed = std::max(needed, WidthOf(user));
    }
    return needed;
  }

  Value* Low(Value* value, unsigned width) {
    return builder_.CreateTrunc(value, builder_.getIntNTy(width));
  }
  Value* Widened(Value* value, unsigned width) {
    return builder_.CreateZExt(value, builder_.getIntNTy(width));
  }

  // Modulo 2^width of `value`: a sum of shifted copies, as a tree.
  Value* ByConstant(Value* value, const llvm::APInt& constant) {
    const unsigned width = WidthOf(value);
    llvm::APInt rest = constant.zextOrTrunc(width);
    std::vector<Value*> added, taken;
    for (unsigned at = 0; !rest.isZero(); ++at, rest.lshrInPlace(1)) {
      if (!rest[0]) continue;
      const bool run = width > 1 && rest[1];  // 2^(n+k) − 2^n for a run of ones
      (run ? taken : added).push_back(builder_.CreateShl(value, at));
      if (run) {
        ++rest;
      } else {
        --rest;
      }
    }
    if (added.empty() && taken.empty()) return llvm::ConstantInt::get(value->getType(), 0);
    if (added.empty()) return builder_.CreateNeg(Sum(taken));
    Value* sum = Sum(added);
    return taken.empty() ? sum : builder_.CreateSub(sum, Sum(taken));
  }

  Value* Sum(std::vector<Value*> terms) {
    while (terms.size() > 1) {
      std::vector<Value*> next;
      for (size_t i = 0; i + 1 < terms.size(); i += 2)
        next.push_back(builder_.CreateAdd(terms[i], terms[i + 1]));
      if (terms.size() % 2 == 1) next.push_back(terms.back());
      terms = next;
    }
    return terms[0];
  }

  Value* ByDigits(Value* multiplicand, Value* multiplier, unsigned width) {
    const unsigned digits = WidthOf(multiplier);
    const unsigned longest = std::min(width, WidthOf(multiplicand) + 2);
    Value* once = Fitted(multiplicand, longest);
    Value* twice = builder_.CreateShl(once, 1);
    Value* thrice = builder_.CreateAdd(once, twice);
    Value* product = llvm::ConstantInt::get(builder_.getIntNTy(width), 0);
    Value* above = nullptr;  // what is left of the sum, above the digits that are done
    for (unsigned at = 0; at < digits && at < width; at += 2) {
      const unsigned bits = std::min(longest, width - at);
      Value* digit = Fitted(builder_.CreateLShr(multiplier, at), 2);
      Value* rest = above == nullptr ? llvm::ConstantInt::get(builder_.getIntNTy(bits), 0)
                                     : Fitted(above, bits);
      Value* sum = Step(rest, Fitted(once, bits), Fitted(twice, bits), Fitted(thrice, bits), digit);
      const bool last = at + 2 >= digits || at + 2 >= width;
      Value* done = last ? sum : Fitted(sum, std::min(2u, bits));
      product = builder_.CreateOr(product, builder_.CreateShl(Fitted(done, width), at));
      above = builder_.CreateLShr(sum, std::min(2u, bits - 1));
    }
    return product;
  }

  Value* Fitted(Value* value, unsigned width) {
    return builder_.CreateZExtOrTrunc(value, builder_.getIntNTy(width));
  }

  Value* Step(Value* rest, Value* once, Value* twice, Value* thrice, Value* digit) {
    llvm::Type* type = rest->getType();
    llvm::FunctionCallee step = function_.getParent()->getOrInsertFunction(
        std::string(kStep) + "." + std::to_string(WidthOf(rest)), type, type, type, type, type,
        digit->getType());
    auto* callee = llvm::cast<llvm::Function>(step.getCallee());
    callee->setDoesNotThrow();
    callee->addFnAttr(llvm::Attribute::WillReturn);
    callee->setMemoryEffects(llvm::MemoryEffects::none());
    return builder_.CreateCall(step, {rest, once, twice, thrice, digit});
  }

  llvm::Function& function_;
  const llvm::DataLayout& layout_;
  llvm::IRBuilder<> builder_;
  std::map<const Value*, int> shared_;  // how many products have this factor
};

}  // namespace

void ExpandMultiplications(llvm::Function& function) { Expander(function).Run(); }

bool IsDigitStep(const Value& value) {
  return llvm::StringRef(CalleeName(&value)).starts_with(kStep);
}

}  // namespace hlsc
