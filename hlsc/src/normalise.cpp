// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "normalise.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>

#include <bit>

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;

namespace {

constexpr uint64_t kLargestObject = 256;  // bytes; longer copies are of arrays

// Bits that a _BitInt(width) takes in memory.
unsigned MemoryBits(unsigned width) {
  if (width <= 8) return 8;
  if (width <= 64) return std::bit_ceil(width);
  return (width + 63) / 64 * 64;
}

void Widen(llvm::LoadInst& load) {
  if (!load.getType()->isIntegerTy()) return;
  const unsigned width = load.getType()->getIntegerBitWidth(), bits = MemoryBits(width);
  if (bits == width) return;
  llvm::IRBuilder<> builder(&load);
  auto* whole =
      builder.CreateAlignedLoad(builder.getIntNTy(bits), load.getPointerOperand(), load.getAlign());
  auto* value = builder.CreateTrunc(whole, load.getType());
  load.replaceAllUsesWith(value);
  load.eraseFromParent();
}

void Widen(llvm::StoreInst& store) {
  llvm::Type* type = store.getValueOperand()->getType();
  if (!type->isIntegerTy()) return;
  const unsigned width = type->getIntegerBitWidth(), bits = MemoryBits(width);
  if (bits == width) return;
  llvm::IRBuilder<> builder(&store);
  auto* whole = builder.CreateZExt(store.getValueOperand(), builder.getIntNTy(bits));
  builder.CreateAlignedStore(whole, store.getPointerOperand(), store.getAlign());
  store.eraseFromParent();
}

void Split(llvm::MemCpyInst& copy) {
  const auto* size = dyn_cast<llvm::ConstantInt>(copy.getLength());
  if (size == nullptr || size->isZero() || size->getZExtValue() > kLargestObject) return;
  llvm::IRBuilder<> builder(&copy);
  auto* type = builder.getIntNTy(static_cast<unsigned>(8 * size->getZExtValue()));
  auto* value = builder.CreateAlignedLoad(type, copy.getRawSource(), copy.getSourceAlign());
  builder.CreateAlignedStore(value, copy.getRawDest(), copy.getDestAlign());
  copy.eraseFromParent();
}

}  // namespace

void NormaliseMemory(llvm::Function& function) {
  for (llvm::BasicBlock& block : function) {
    for (llvm::Instruction& i : llvm::make_early_inc_range(block)) {
      if (auto* load = dyn_cast<llvm::LoadInst>(&i)) {
        Widen(*load);
      } else if (auto* store = dyn_cast<llvm::StoreInst>(&i)) {
        Widen(*store);
      } else if (auto* copy = dyn_cast<llvm::MemCpyInst>(&i)) {
        Split(*copy);
      }
    }
  }
}

}  // namespace hlsc
