// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pieces.h"

#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

#include <algorithm>

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;
using llvm::Value;

namespace {

constexpr size_t kMostPieces = 160;

unsigned Width(const Value* v) { return v->getType()->getIntegerBitWidth(); }

bool SameRun(const Slice& a, const Slice& b) {
  if (isa<llvm::Constant>(a.leaf) || isa<llvm::Constant>(b.leaf)) return false;
  if (a.leaf != b.leaf) return false;
  if (a.sign_fill && b.sign_fill) return a.lo == b.lo;
  return !a.sign_fill && !b.sign_fill && a.lo + a.width == b.lo;
}

void Append(Slices* to, const Slice& slice) {
  if (slice.width == 0) return;
  if (!to->empty()) {
    Slice& last = to->back();
    if (SameRun(last, slice)) {
      last.width += slice.width;
      return;
    }
    const auto* a = dyn_cast<llvm::ConstantInt>(last.leaf);
    const auto* b = dyn_cast<llvm::ConstantInt>(slice.leaf);
    if (a != nullptr && b != nullptr) {
      const unsigned width = last.width + slice.width;
      const llvm::APInt joined =
          a->getValue().zext(width) | b->getValue().zext(width).shl(last.width);
      last = {llvm::ConstantInt::get(a->getContext(), joined), 0, width};
      return;
    }
  }
  to->push_back(slice);
}

void AppendAll(Slices* to, const Slices& slices) {
  for (const Slice& s : slices) Append(to, s);
}

// The slice that repeats the top bit of `slices`.
Slice SignOf(const Slices& slices, unsigned width) {
  const Slice& top = slices.back();
  if (const auto* constant = dyn_cast<llvm::ConstantInt>(top.leaf)) {
    const bool one = constant->getValue().isSignBitSet();
    return {llvm::ConstantInt::get(constant->getContext(),
                                   one ? llvm::APInt::getAllOnes(width) : llvm::APInt(width, 0)),
            0, width};
  }
  return {top.leaf, top.sign_fill ? top.lo : top.lo + top.width - 1, width, true};
}

Slice CutSlice(const Slice& s, unsigned lo, unsigned width) {
  if (const auto* constant = dyn_cast<llvm::ConstantInt>(s.leaf)) {
    return {
        llvm::ConstantInt::get(constant->getContext(), constant->getValue().extractBits(width, lo)),
        0, width};
  }
  if (s.sign_fill) return {s.leaf, s.lo, width, true};
  return {s.leaf, s.lo + lo, width};
}

}  // namespace

Slice ZeroSlice(llvm::LLVMContext& context, unsigned width) {
  return {llvm::ConstantInt::get(context, llvm::APInt(width, 0)), 0, width};
}

bool IsZero(const Slice& slice) {
  const auto* constant = dyn_cast<llvm::ConstantInt>(slice.leaf);
  return constant != nullptr && constant->isZero();
}

unsigned TotalWidth(const Slices& slices) {
  unsigned width = 0;
  for (const Slice& s : slices) width += s.width;
  return width;
}

Slices Cut(const Slices& slices, unsigned lo, unsigned width) {
  Slices out;
  unsigned at = 0;
  for (const Slice& s : slices) {
    const unsigned from = std::max(at, lo), to = std::min(at + s.width, lo + width);
    if (from < to) Append(&out, CutSlice(s, from - at, to - from));
    at += s.width;
  }
  return out;
}

const Slices& Pieces::Of(Value* value) {
  auto found = cache_.find(value);
  if (found != cache_.end()) return found->second;
  Slices out;
  if (!Expand(value, &out) || out.size() > kMostPieces) out = {{value, 0, Width(value)}};
  return cache_[value] = out;
}

Slices Pieces::Low(Value* value, unsigned width) {
  return Cut(Of(value), 0, std::min(width, Width(value)));
}

bool Pieces::IsWiring(const Value* value) {
  if (!isa<llvm::Instruction>(value) || !value->getType()->isIntegerTy()) return false;
  const Slices& slices = Of(const_cast<Value*>(value));
  return slices.size() != 1 || slices[0].leaf != value || slices[0].sign_fill;
}

bool Pieces::ExpandOr(llvm::Instruction* instruction, Slices* out) {
  const Slices a = Of(instruction->getOperand(0)), b = Of(instruction->getOperand(1));
  // Walk over both; where both have bits of their own this is a real OR.
  const unsigned width = Width(instruction);
  std::vector<unsigned> cuts = {0, width};
  for (const Slices* s : {&a, &b}) {
    unsigned at = 0;
    for (const Slice& slice : *s) cuts.push_back(at += slice.width);
  }
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    const Slices x = Cut(a, cuts[i], cuts[i + 1] - cuts[i]),
                 y = Cut(b, cuts[i], cuts[i + 1] - cuts[i]);
    if (x.size() != 1 || y.size() != 1) return false;
    const bool both_constant =
        isa<llvm::ConstantInt>(x[0].leaf) && isa<llvm::ConstantInt>(y[0].leaf);
    if (both_constant) {
      const llvm::APInt joined = cast<llvm::ConstantInt>(x[0].leaf)->getValue() |
                                 cast<llvm::ConstantInt>(y[0].leaf)->getValue();
      Append(out, {llvm::ConstantInt::get(instruction->getContext(), joined), 0, x[0].width});
    } else if (IsZero(x[0])) {
      AppendAll(out, y);
    } else if (IsZero(y[0])) {
      AppendAll(out, x);
    } else {
      return false;
    }
  }
  return true;
}

bool Pieces::ExpandMask(llvm::Instruction* instruction, Slices* out) {
  const auto* mask = dyn_cast<llvm::ConstantInt>(instruction->getOperand(1));
  if (mask == nullptr) return false;
  const Slices in = Of(instruction->getOperand(0));
  const llvm::APInt& bits = mask->getValue();
  const unsigned width = bits.getBitWidth();
  for (unsigned at = 0; at < width;) {
    unsigned end = at + 1;
    while (end < width && bits[end] == bits[at]) ++end;
    if (bits[at]) {
      AppendAll(out, Cut(in, at, end - at));
    } else {
      Append(out, ZeroSlice(instruction->getContext(), end - at));
    }
    at = end;
  }
  return true;
}

bool Pieces::ExpandCall(llvm::Instruction* call, Slices* out) {
  auto* intrinsic = dyn_cast<llvm::IntrinsicInst>(call);
  if (intrinsic == nullptr) return false;
  const unsigned width = Width(call);
  switch (intrinsic->getIntrinsicID()) {
    case llvm::Intrinsic::fshl:
    case llvm::Intrinsic::fshr: {
      const auto* amount = dyn_cast<llvm::ConstantInt>(call->getOperand(2));
      if (amount == nullptr) return false;
      const unsigned n = static_cast<unsigned>(amount->getValue().urem(width));
      Slices both = Of(call->getOperand(1));  // low half
      AppendAll(&both, Of(call->getOperand(0)));
      const bool left = intrinsic->getIntrinsicID() == llvm::Intrinsic::fshl;
      AppendAll(out, Cut(both, left ? width - n : n, width));
      return true;
    }
    case llvm::Intrinsic::bswap:
      for (unsigned at = 0; at < width; at += 8)
        AppendAll(out, Cut(Of(call->getOperand(0)), width - 8 - at, 8));
      return true;
    case llvm::Intrinsic::bitreverse:
      for (unsigned at = 0; at < width; ++at)
        AppendAll(out, Cut(Of(call->getOperand(0)), width - 1 - at, 1));
      return true;
    default:
      return false;
  }
}

bool Pieces::Expand(Value* value, Slices* out) {
  if (const auto* constant = dyn_cast<llvm::ConstantInt>(value)) {
    *out = {{const_cast<llvm::ConstantInt*>(constant), 0, constant->getBitWidth()}};
    return true;
  }
  if (isa<llvm::UndefValue>(value)) {
    *out = {ZeroSlice(value->getContext(), Width(value))};
    return true;
  }
  auto* instruction = dyn_cast<llvm::Instruction>(value);
  if (instruction == nullptr) return false;
  const unsigned width = Width(value);
  const auto amount = [&]() -> int {
    const auto* constant = dyn_cast<llvm::ConstantInt>(instruction->getOperand(1));
    return constant == nullptr || constant->getValue().uge(width)
               ? -1
               : static_cast<int>(constant->getZExtValue());
  };
  switch (instruction->getOpcode()) {
    case llvm::Instruction::Freeze:
      *out = Of(instruction->getOperand(0));
      return true;
    case llvm::Instruction::Trunc:
      *out = Cut(Of(instruction->getOperand(0)), 0, width);
      return true;
    case llvm::Instruction::ZExt:
      *out = Of(instruction->getOperand(0));
      Append(out, ZeroSlice(value->getContext(), width - TotalWidth(*out)));
      return true;
    case llvm::Instruction::SExt:
      *out = Of(instruction->getOperand(0));
      Append(out, SignOf(*out, width - TotalWidth(*out)));
      return true;
    case llvm::Instruction::Shl:
      if (amount() <= 0) return false;
      *out = {ZeroSlice(value->getContext(), amount())};
      AppendAll(out, Cut(Of(instruction->getOperand(0)), 0, width - amount()));
      return true;
    case llvm::Instruction::LShr:
      if (amount() <= 0) return false;
      *out = Cut(Of(instruction->getOperand(0)), amount(), width - amount());
      Append(out, ZeroSlice(value->getContext(), amount()));
      return true;
    case llvm::Instruction::AShr: {
      if (amount() <= 0) return false;
      const Slice sign = SignOf(Of(instruction->getOperand(0)), amount());
      *out = Cut(Of(instruction->getOperand(0)), amount(), width - amount());
      Append(out, sign);
      return true;
    }
    case llvm::Instruction::Or:
      return ExpandOr(instruction, out);
    case llvm::Instruction::And:
      return ExpandMask(instruction, out);
    case llvm::Instruction::Call:
      return ExpandCall(instruction, out);
    default:
      return false;
  }
}

}  // namespace hlsc
