// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "partition.h"

#include <llvm/ADT/MapVector.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Operator.h>

#include <bit>

#include "diagnostics.h"
#include "ir_util.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;
using llvm::Value;

namespace {

constexpr int kMostBanks = 1024;
enum Kind { kComplete = 0, kCyclic = 1, kBlock = 2 };

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }
int64_t FloorModulo(int64_t a, int64_t b) { return a - b * FloorDivide(a, b); }

std::string NoteName(int dim) { return "hlsc.partition." + std::to_string(dim); }

class Splitter {
 public:
  Splitter(llvm::AllocaInst& array, int dim, int note, llvm::ScalarEvolution& evolution)
      : array_(array),
        layout_(array.getFunction()->getDataLayout()),
        evolution_(evolution),
        kind_(static_cast<Kind>(note % 4)),
        dim_(dim),
        builder_(&array) {
    llvm::Type* type = array.getAllocatedType();
    for (; type->isArrayTy(); type = type->getArrayElementType())
      sizes_.push_back(static_cast<int64_t>(type->getArrayNumElements()));
    element_ = type;
    bytes_ = static_cast<int64_t>(layout_.getTypeAllocSize(element_));
    size_ = sizes_[dim - 1];
    stride_ = 1;
    for (size_t d = dim; d < sizes_.size(); ++d) stride_ *= sizes_[d];
    banks_ = kind_ == kComplete ? size_ : std::min<int64_t>(note / 4, size_);
    per_bank_ = kind_ == kComplete ? 1 : (size_ + banks_ - 1) / banks_;
  }

  void Run() {
    if (banks_ > kMostBanks)
      Refuse(array_, "an array in " + std::to_string(banks_) + " parts", "partition it less");
    MakeBanks();
    Collect(&array_);
    for (llvm::Instruction* access : accesses_) Redirect(*access);
    for (auto dead = dead_.rbegin(); dead != dead_.rend(); ++dead) (*dead)->eraseFromParent();
    array_.eraseFromParent();
  }

 private:
  void MakeBanks() {
    std::vector<int64_t> sizes = sizes_;
    sizes[dim_ - 1] = per_bank_;
    llvm::Type* type = element_;
    for (auto size = sizes.rbegin(); size != sizes.rend(); ++size)
      type = llvm::ArrayType::get(type, static_cast<uint64_t>(*size));
    const std::string full = array_.getName().str();
    for (int64_t b = 0; b < banks_; ++b) {
      auto* bank = builder_.CreateAlloca(type, nullptr,
                                         full.substr(0, full.find('.')) + "_" + std::to_string(b));
      bank->setAlignment(array_.getAlign());
      bank->setDebugLoc(array_.getDebugLoc());
      for (const char* note : {"hlsc.ports", "hlsc.no_inter", "hlsc.no_intra"}) {
        if (const auto value = GetNote(array_, note)) SetNote(*bank, note, *value);
      }
      for (int d = 1; d <= static_cast<int>(sizes_.size()); ++d) {
        const auto value = GetNote(array_, NoteName(d).c_str());
        if (value && d != dim_) SetNote(*bank, NoteName(d).c_str(), *value);
        if (d == dim_ && per_bank_ == 1) SetNote(*bank, NoteName(d).c_str(), kComplete);
      }
      parts_.push_back(bank);
    }
  }

  void Collect(llvm::Instruction* pointer) {
    for (llvm::User* user : pointer->users()) {
      auto* i = cast<llvm::Instruction>(user);
      if (isa<llvm::GetElementPtrInst>(i)) {
        dead_.push_back(i);
        Collect(i);
      } else if (PointerOf(*i) == pointer &&
                 !(isa<llvm::StoreInst>(i) && StoredValue(*i) == pointer)) {
        accesses_.push_back(i);
      } else if (auto* intrinsic = dyn_cast<llvm::IntrinsicInst>(i);
                 intrinsic != nullptr && intrinsic->isLifetimeStartOrEnd()) {
        dead_.push_back(i);
      } else {
        Refuse(*i, "a partitioned array used as a whole", "access its elements one by one");
      }
    }
  }

  // index · coefficient, in elements
  struct Term {
    Value* index;
    int64_t coefficient;
  };
  struct Sum {
    int64_t constant = 0;
    std::vector<Term> terms;
  };

  Sum Linear(llvm::Instruction& access) {
    Sum sum;
    int64_t offset = 0;
    Value* pointer = PointerOf(access);
    while (auto* gep = dyn_cast<llvm::GEPOperator>(pointer)) {
      llvm::MapVector<Value*, llvm::APInt> terms;
      llvm::APInt constant(64, 0);
      if (!gep->collectOffset(layout_, 64, terms, constant))
        Refuse(access, "this form of address", "index the array directly");
      offset += constant.getSExtValue();
      for (auto& [index, scale] : terms) {
        if (scale.getSExtValue() % bytes_ != 0)
          Refuse(access, "access to part of an element of a partitioned array",
                 "use one array for each field");
        sum.terms.push_back({index, scale.getSExtValue() / bytes_});
      }
      pointer = gep->getPointerOperand();
    }
    if (pointer != &array_ || offset % bytes_ != 0)
      Refuse(access, "access to part of an element of a partitioned array",
             "use one array for each field");
    sum.constant = offset / bytes_;
    return sum;
  }

  // Takes from `sum` what is a multiple of `unit`; the rest stays, and must lie in [0, unit).
  Sum TakeMultiples(llvm::Instruction& access, Sum* sum, int64_t unit) {
    Sum high, low;
    for (const Term& t : sum->terms) {
      if (t.coefficient % unit == 0) {
        high.terms.push_back({t.index, t.coefficient / unit});
      } else if (t.coefficient > 0 && t.coefficient < unit) {
        low.terms.push_back(t);
      } else {
        Refuse(access, "an index of a partitioned array that mixes its dimensions",
               "write one index for each dimension");
      }
    }
    low.constant = FloorModulo(sum->constant, unit);
    if (!low.terms.empty() && low.constant != 0) {
      // "j - 1" in a lower dimension looks like "unit - 1": the index's range tells.
      int64_t least = 0, most = 0;
      for (const Term& t : low.terms) {
        const llvm::ConstantRange range = evolution_.getSignedRange(evolution_.getSCEV(t.index));
        least +=
            std::clamp<int64_t>(range.getSignedMin().getSExtValue(), -unit, unit) * t.coefficient;
        most +=
            std::clamp<int64_t>(range.getSignedMax().getSExtValue(), -unit, unit) * t.coefficient;
      }
      const auto fits = [&](int64_t c) { return least + c >= 0 && most + c < unit; };
      if (!fits(low.constant)) {
        if (!fits(low.constant - unit))
          Refuse(access, "an index of a partitioned array whose range is not known",
                 "compute it in a variable just as wide as needed");
        low.constant -= unit;
      }
    }
    high.constant = FloorDivide(sum->constant - low.constant, unit);
    *sum = low;
    return high;
  }

  Value* Compute(const Sum& sum) {
    auto* type = builder_.getInt64Ty();
    Value* out = nullptr;
    for (const Term& t : sum.terms) {
      Value* index = builder_.CreateSExtOrTrunc(t.index, type);
      if (t.coefficient != 1)
        index = builder_.CreateMul(index, builder_.getInt64(static_cast<uint64_t>(t.coefficient)));
      out = out == nullptr ? index : builder_.CreateAdd(out, index);
    }
    auto* constant = builder_.getInt64(static_cast<uint64_t>(sum.constant));
    if (out == nullptr) return constant;
    return sum.constant == 0 ? out : builder_.CreateAdd(out, constant);
  }

  // The bank of an index along the dimension, or -1 if it varies; `inner` is its place there.
  int64_t Bank(llvm::Instruction& access, const Sum& index, Value** inner, Value** bank) {
    const int64_t unit = kind_ == kBlock ? per_bank_ : banks_;
    if (index.terms.empty()) {
      const int64_t high = FloorDivide(index.constant, unit),
                    low = FloorModulo(index.constant, unit);
      *inner = builder_.getInt64(static_cast<uint64_t>(kind_ == kComplete ? 0
                                                       : kind_ == kCyclic ? high
                                                                          : low));
      return kind_ == kComplete ? index.constant : kind_ == kCyclic ? low : high;
    }
    Value* value = Compute(index);
    if (kind_ == kComplete) {
      *inner = builder_.getInt64(0);
      *bank = value;
      return -1;
    }
    const llvm::SCEV* scev = evolution_.getSCEV(value);
    if (kind_ == kBlock) {
      const llvm::ConstantRange range = evolution_.getSignedRange(scev);
      const int64_t least = range.getSignedMin().getSExtValue(),
                    most = range.getSignedMax().getSExtValue();
      if (least >= 0 && least / unit == most / unit) {
        *inner = builder_.CreateSub(value,
                                    builder_.getInt64(static_cast<uint64_t>(least / unit * unit)));
        return least / unit;
      }
    }
    if (!std::has_single_bit(static_cast<uint64_t>(unit))) {
      Refuse(access,
             "a varying index of an array in " + std::to_string(unit) +
                 (kind_ == kBlock ? " elements a part" : " parts"),
             "make that a power of two");
    }
    const unsigned bits = static_cast<unsigned>(std::bit_width(static_cast<uint64_t>(unit)) - 1);
    Value* high = builder_.CreateLShr(value, bits);
    Value* low = builder_.CreateAnd(value, builder_.getInt64(static_cast<uint64_t>(unit - 1)));
    *inner = kind_ == kCyclic ? high : low;
    *bank = kind_ == kCyclic ? low : high;
    if (kind_ == kCyclic) {
      for (int64_t b = 0; b < banks_; ++b) {
        const llvm::SCEV* rest = evolution_.getMinusSCEV(
            scev, evolution_.getConstant(value->getType(), static_cast<uint64_t>(b)));
        if (evolution_.getMinTrailingZeros(rest) >= bits) return b;
      }
    }
    return -1;
  }

  void Redirect(llvm::Instruction& access) {
    builder_.SetInsertPoint(&access);
    Sum inner = Linear(access);
    const Sum outer = dim_ == 1 ? Sum() : TakeMultiples(access, &inner, stride_ * size_);
    Sum along = stride_ > 1 ? TakeMultiples(access, &inner, stride_) : std::exchange(inner, Sum());
    Value *place = nullptr, *varying = nullptr;
    const int64_t fixed = Bank(access, along, &place, &varying);
    if (fixed >= banks_ || (fixed < 0 && varying == nullptr))
      Refuse(access, "an index outside the array", "correct it");
    const auto scaled = [&](Value* v, int64_t by) {
      return by == 1 ? v : builder_.CreateMul(v, builder_.getInt64(static_cast<uint64_t>(by)));
    };
    Value* index = builder_.CreateAdd(scaled(Compute(outer), stride_ * per_bank_),
                                      builder_.CreateAdd(scaled(place, stride_), Compute(inner)));
    auto* element = llvm::ArrayType::get(builder_.getInt8Ty(), static_cast<uint64_t>(bytes_));
    const auto pointer = [&](int64_t b) {
      return builder_.CreateGEP(element, parts_[static_cast<size_t>(b)], index);
    };
    if (fixed >= 0) {
      access.setOperand(isa<llvm::LoadInst>(access) ? 0 : 1, pointer(fixed));
      return;
    }
    Value* loaded = nullptr;
    for (int64_t b = 0; b < banks_; ++b) {
      Value* here = builder_.CreateICmpEQ(varying, builder_.getInt64(static_cast<uint64_t>(b)));
      if (auto* load = dyn_cast<llvm::LoadInst>(&access)) {
        auto* part = builder_.CreateAlignedLoad(load->getType(), pointer(b), load->getAlign());
        loaded = loaded == nullptr ? static_cast<Value*>(part)
                                   : builder_.CreateSelect(here, part, loaded);
      } else {
        Value* data = StoredValue(access);
        auto* store = builder_.CreateCall(StoreFunction(*array_.getModule(), WidthOf(data)),
                                          {data, pointer(b), here});
        store->setDebugLoc(access.getDebugLoc());
      }
    }
    if (loaded != nullptr) access.replaceAllUsesWith(loaded);
    dead_.push_back(&access);
  }

  llvm::AllocaInst& array_;
  const llvm::DataLayout& layout_;
  llvm::ScalarEvolution& evolution_;
  Kind kind_;
  int dim_;
  llvm::IRBuilder<> builder_;
  llvm::Type* element_;
  std::vector<int64_t> sizes_;
  int64_t bytes_, size_, stride_, banks_, per_bank_;
  std::vector<llvm::AllocaInst*> parts_;
  std::vector<llvm::Instruction*> accesses_, dead_;
};

// The first dimension still to be split, or 0; arrays that become registers are left alone.
int DimensionToSplit(const llvm::AllocaInst& array, int* note) {
  int dims = 0;
  for (llvm::Type* t = array.getAllocatedType(); t->isArrayTy(); t = t->getArrayElementType())
    ++dims;
  if (const auto all = GetNote(array, NoteName(0).c_str())) {
    if (*all % 4 != kComplete)
      Refuse(array, "ARRAY_PARTITION cyclic or block with dim=0", "name the dimensions one by one");
    return 0;
  }
  bool registers = dims > 0;
  llvm::Type* type = array.getAllocatedType();
  int found = 0;
  for (int d = 1; d <= dims; ++d, type = type->getArrayElementType()) {
    const auto value = GetNote(array, NoteName(d).c_str());
    registers &= value && *value % 4 == kComplete;
    if (value && found == 0 && type->getArrayNumElements() > 1) {
      found = d;
      *note = *value;
    }
  }
  return registers ? 0 : found;
}

}  // namespace

void PartitionArrays(llvm::Function& function, Passes& passes) {
  while (true) {
    llvm::AllocaInst* array = nullptr;
    int dim = 0, note = 0;
    for (llvm::BasicBlock& block : function) {
      for (llvm::Instruction& i : block) {
        auto* candidate = dyn_cast<llvm::AllocaInst>(&i);
        if (candidate == nullptr || array != nullptr) continue;
        dim = DimensionToSplit(*candidate, &note);
        if (dim != 0) array = candidate;
      }
    }
    if (array == nullptr) return;
    auto& evolution = passes.analyses().getResult<llvm::ScalarEvolutionAnalysis>(function);
    Splitter(*array, dim, note, evolution).Run();
    passes.Invalidate(function);
  }
}

}  // namespace hlsc
