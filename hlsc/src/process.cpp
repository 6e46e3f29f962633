// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "process.h"

#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/IntrinsicInst.h>

#include <set>

#include "blackbox.h"
#include "diagnostics.h"
#include "multiply.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;

bool IsIgnored(const llvm::Instruction& i) {
  if (isa<llvm::AllocaInst>(i) || isa<llvm::GetElementPtrInst>(i)) return true;
  const auto* intrinsic = dyn_cast<llvm::IntrinsicInst>(&i);
  return intrinsic != nullptr &&
         (intrinsic->isLifetimeStartOrEnd() || intrinsic->isAssumeLikeIntrinsic() ||
          isa<llvm::DbgInfoIntrinsic>(i));
}

Process::Process(llvm::Function& f, Passes& passes, const Exclusive& e, double clock_mhz)
    : function(f),
      exclusive(e),
      delays(clock_mhz),
      name(PlainName(f)),
      loop_info(passes.analyses().getResult<llvm::LoopAnalysis>(f)),
      evolution(passes.analyses().getResult<llvm::ScalarEvolutionAnalysis>(f)) {
  for (const llvm::Argument& argument : f.args()) {
    argument_names.push_back(argument.hasName() ? argument.getName().str()
                                                : "arg" + std::to_string(argument.getArgNo()));
  }
}

std::string Process::SourceName(const llvm::Value& value) const {
  const std::string full = value.getName().str();
  const std::string plain = full.substr(0, full.find('.'));
  return plain.empty() ? "value" : plain;
}

void Process::CollectLoops() {
  std::set<std::string> seen;
  for (llvm::Loop* loop : loop_info.getLoopsInPreorder()) {
    llvm::SmallVector<llvm::BasicBlock*> exits;
    loop->getExitBlocks(exits);
    if (exits.empty())
      Refuse(WhereLoop(*loop), "a loop without an end",
             "give it a condition: a kernel runs, and is done");
    const auto ii = PipelineII(*loop);
    if (!ii) continue;
    if (loop->getNumBlocks() != 1) {
      Refuse(WhereLoop(*loop), "a pipelined loop whose body has inner control flow", "simplify it");
    }
    auto entry = std::make_unique<PipelinedLoop>();
    entry->index = static_cast<int>(loops.size());
    entry->block = loop->getHeader();
    entry->ii = *ii;
    entry->line = LoopLine(*loop, &entry->file);
    loop_of_[entry->block] = entry.get();
    loops.push_back(std::move(entry));
  }
}

PipelinedLoop* Process::LoopOf(const llvm::Value* value) const {
  const auto* instruction = dyn_cast<llvm::Instruction>(value);
  if (instruction == nullptr) return nullptr;
  auto it = loop_of_.find(instruction->getParent());
  return it == loop_of_.end() ? nullptr : it->second;
}

bool Process::IsComputed(const llvm::Instruction& i) {
  if (!i.getType()->isIntegerTy() || IsIgnored(i)) return false;
  return !pieces.IsWiring(&i);
}

unsigned Process::UsedWidth(const llvm::Value* value) const {
  auto it = used.find(value);
  return it == used.end() ? 0 : it->second.getActiveBits();
}

// ---- delays ----

unsigned Process::SignificantBits(const Slices& operand, bool* is_signed) const {
  unsigned width = TotalWidth(operand);
  const Slice& top = operand.back();
  *is_signed = top.sign_fill;
  if (operand.size() == 1 && isa<llvm::ConstantInt>(top.leaf)) {
    return std::max(1u, cast<llvm::ConstantInt>(top.leaf)->getValue().getActiveBits());
  }
  if (IsZero(top)) return std::max(1u, width - top.width);
  if (top.sign_fill) return width - top.width;
  if (operand.size() != 1 || top.lo != 0) return width;
  // Of the whole leaf: how many of its bits are used must not matter here.
  const llvm::DataLayout& layout = function.getDataLayout();
  const unsigned full = WidthOf(top.leaf);
  const unsigned zeros = llvm::computeKnownBits(top.leaf, layout).countMinLeadingZeros();
  const unsigned signs = llvm::ComputeNumSignBits(top.leaf, layout);
  const bool negative = signs > zeros + 1;
  const unsigned bits = std::max(1u, negative ? full - signs + 1 : full - zeros);
  if (bits >= width) return width;
  *is_signed = negative;
  return bits;
}

// The same value with its redundant high bits written as an extension.
Slices Process::Narrowed(const Slices& operand) const {
  const unsigned width = TotalWidth(operand);
  if (operand.size() != 1 || isa<llvm::Constant>(operand[0].leaf)) return operand;
  bool is_signed = false;
  const unsigned bits = SignificantBits(operand, &is_signed);
  if (bits >= width) return operand;
  Slices out = Cut(operand, 0, bits);
  if (is_signed) {
    out.push_back({operand[0].leaf, operand[0].lo + bits - 1, width - bits, true});
  } else {
    out.push_back(ZeroSlice(function.getContext(), width - bits));
  }
  return out;
}

std::optional<Process::ZeroTest> Process::ZeroTestOf(const llvm::Instruction& i) const {
  const auto* compare = dyn_cast<llvm::ICmpInst>(&i);
  if (compare == nullptr) return std::nullopt;
  const auto* constant = dyn_cast<llvm::ConstantInt>(compare->getOperand(1));
  if (constant == nullptr) return std::nullopt;
  const llvm::APInt& value = constant->getValue();
  const unsigned sign = value.getBitWidth() - 1;
  switch (compare->getPredicate()) {
    case llvm::CmpInst::ICMP_ULT:
      if (value.isPowerOf2()) return ZeroTest{value.logBase2(), true};
      return std::nullopt;
    case llvm::CmpInst::ICMP_UGT:
      if (value.isMask() && !value.isAllOnes()) return ZeroTest{value.countTrailingOnes(), false};
      return std::nullopt;
    case llvm::CmpInst::ICMP_SLT:
      if (value.isZero()) return ZeroTest{sign, false};
      return std::nullopt;
    case llvm::CmpInst::ICMP_SGT:
      if (value.isAllOnes()) return ZeroTest{sign, true};
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

int Process::LatencyOf(const llvm::Instruction& i) {
  auto [it, fresh] = latency_.try_emplace(&i, 0);
  if (fresh) it->second = ComputeLatency(i);
  return it->second;
}

double Process::DelayOf(const llvm::Instruction& i) {
  auto [it, fresh] = delay_.try_emplace(&i, 0.0);
  if (fresh) it->second = ComputeDelay(i);
  return it->second;
}

int Process::ComputeLatency(const llvm::Instruction& i) {
  if (i.getOpcode() == llvm::Instruction::Mul) {
    const auto operands = Operands(i);
    if (operands[0].empty()) return 0;
    bool is_signed = false;
    return delays.MultiplierCycles(SignificantBits(operands[0], &is_signed),
                                   SignificantBits(operands[1], &is_signed));
  }
  const BlackBox* box = BlackBoxOf(i);
  return box == nullptr ? 0 : box->latency;
}

const BlackBox* Process::BlackBoxOf(const llvm::Value& value) const {
  const auto* call = dyn_cast<llvm::CallInst>(&value);
  if (call == nullptr || call->getCalledFunction() == nullptr || isa<llvm::IntrinsicInst>(call))
    return nullptr;
  auto it = black_boxes.find(PlainName(*call->getCalledFunction()));
  return it == black_boxes.end() ? nullptr : it->second;
}

double Process::ComputeDelay(const llvm::Instruction& i) {
  if (IsAccess(&i) || isa<llvm::PHINode>(i) || i.isTerminator()) return 0;
  if (PointerOf(i) != nullptr) {
    const Address address = AddressOf(i);
    double delay = 0;
    int sums =
        static_cast<int>(address.terms.size()) - 1 + (address.base != 0 && !address.terms.empty());
    for (const auto& term : address.terms) {
      if ((term.second & (term.second - 1)) != 0) ++sums;
    }
    if (sums > 0) delay += sums * delays.Adder(address.memory->AddressBits());
    const bool registers = address.memory->combinational;
    return delay + (registers ? (IsStore(i) ? 0.35 : delays.Multiplexer(address.memory->depth))
                              : delays.MemoryAddress());
  }
  if (IsDigitStep(i)) return delays.DigitStep(UsedWidth(&i));
  const auto operands = Operands(i);
  bool is_signed = false;
  unsigned a = 1, b = 1;
  if (i.getOpcode() == llvm::Instruction::Mul && !operands[0].empty()) {
    a = SignificantBits(operands[0], &is_signed);
    b = SignificantBits(operands[1], &is_signed);
  } else {
    if (!operands.empty()) a = TotalWidth(operands[0]);
    if (operands.size() > 1) b = TotalWidth(operands[1]);
    // Of a shift amount only the bits that can be set count.
    if (i.isShift() && operands.size() > 1 && !operands[1].empty())
      b = SignificantBits(operands[1], &is_signed);
  }
  if (const auto* compare = dyn_cast<llvm::ICmpInst>(&i)) {
    const bool constant = isa<llvm::ConstantInt>(compare->getOperand(1));
    if (compare->isEquality() || ZeroTestOf(i)) return delays.Equal(constant ? a : 2 * a);
  }
  return delays.Of(i, UsedWidth(&i), a, b);
}

// ---- ports ----

void Process::CollectPorts() {
  std::map<std::pair<unsigned, int>, std::map<PortKind, Channel*>> by_port;
  std::set<unsigned> arrays;
  std::vector<std::tuple<llvm::Instruction*, unsigned, int>> accesses;
  const llvm::DataLayout& layout = function.getDataLayout();
  for (llvm::BasicBlock& block : function) {
    for (llvm::Instruction& i : block) {
      if (!IsAccess(&i)) continue;
      llvm::APInt offset(64, 0);
      llvm::Value* base = PortOf(i)->stripAndAccumulateConstantOffsets(layout, offset, true);
      if (isa<llvm::AllocaInst>(base)) {
        Refuse(i, "stream '" + SourceName(*base) + "' inside a process",
               "declare it in the DATAFLOW function, or use an array");
      }
      auto* argument = dyn_cast<llvm::Argument>(base);
      if (argument == nullptr) {
        Refuse(i, "which stream is accessed is not known at compile time",
               "unroll the loop over the array of streams");
      }
      const int element = static_cast<int>(offset.getSExtValue());
      if (element != 0) arrays.insert(argument->getArgNo());
      accesses.push_back({&i, argument->getArgNo(), element});
    }
  }
  for (auto& [access, argument, element] : accesses) {
    Channel*& channel = by_port[{argument, element}][KindOf(*access)];
    const bool output = IsPush(access);
    if (channel == nullptr) {
      auto fresh = std::make_unique<Channel>();
      fresh->source_name = argument_names[argument];
      if (arrays.count(argument) != 0) fresh->source_name += "_" + std::to_string(element);
      fresh->name = fresh->source_name + Suffix(KindOf(*access));
      fresh->kind = KindOf(*access);
      fresh->width = AccessWidth(*access);
      fresh->output = output;
      fresh->argument = argument;
      fresh->element = element;
      channel = fresh.get();
      channels.push_back(std::move(fresh));
    }
    if (channel->output != output) {
      Refuse(*access,
             "process '" + name + "' both reads and writes stream '" + channel->source_name + "'",
             "use two streams");
    }
    channel_of_[access] = channel;
  }
}

Channel& Process::ChannelOf(const llvm::Instruction& access) { return *channel_of_.at(&access); }

// ---- used bits ----

bool Process::MarkUsed(const Slices& slices) {
  bool changed = false;
  for (const Slice& s : slices) {
    if (isa<llvm::Constant>(s.leaf)) continue;
    auto [it, fresh] = used.try_emplace(s.leaf, llvm::APInt(WidthOf(s.leaf), 0));
    const llvm::APInt before = it->second;
    it->second.setBits(s.lo, s.lo + (s.sign_fill ? 1 : s.width));
    changed |= fresh || before != it->second;
  }
  return changed;
}

void Process::FindUsedBits() {
  // A least fixpoint: what has effects is needed, and what needed values are made of.
  bool changed = true;
  while (changed) {
    changed = false;
    for (llvm::BasicBlock& block : function) {
      for (llvm::Instruction& i : llvm::reverse(block)) {
        if (IsIgnored(i)) continue;
        const bool effect = IsStore(i) || IsAccess(&i) || i.isTerminator();
        if (!effect && (!IsComputed(i) || UsedWidth(&i) == 0)) continue;
        for (const Slices& operand : Operands(i)) changed |= MarkUsed(operand);
      }
    }
    for (auto& memory : memories) {
      unsigned width = 0;
      for (llvm::Instruction* load : memory->loads) width = std::max(width, UsedWidth(load));
      changed |= width != memory->used_width;
      memory->used_width = width;
    }
  }
}

std::vector<Slices> Process::Operands(const llvm::Instruction& i) {
  std::vector<Slices> out;
  const unsigned need = i.getType()->isIntegerTy() ? UsedWidth(&i) : 0;
  if (PointerOf(i) != nullptr) {
    const Address address = AddressOf(i);
    if (IsStore(i) && address.memory->used_width == 0) return {};  // no bit of it is ever read
    for (size_t t = 0; t < address.terms.size(); ++t) out.push_back(AddressTerm(address, t));
    if (IsStore(i)) out.push_back(pieces.Low(StoredValue(i), address.memory->used_width));
    if (IsPredicatedStore(&i)) out.push_back(pieces.Of(PredicateOf(i)));
    return out;
  }
  if (IsPop(&i)) return {pieces.Of(PredicateOf(i))};
  if (IsPush(&i)) return {pieces.Of(i.getOperand(1)), pieces.Of(PredicateOf(i))};
  switch (i.getOpcode()) {
    case llvm::Instruction::PHI:
      for (const llvm::Use& value : cast<llvm::PHINode>(i).incoming_values())
        out.push_back(pieces.Low(value, need));
      return out;
    case llvm::Instruction::Mul:
      return {Narrowed(pieces.Low(i.getOperand(0), need)),
              Narrowed(pieces.Low(i.getOperand(1), need))};
    case llvm::Instruction::Add:
    case llvm::Instruction::Sub:
    case llvm::Instruction::And:
    case llvm::Instruction::Or:
    case llvm::Instruction::Xor:
      return {pieces.Low(i.getOperand(0), need), pieces.Low(i.getOperand(1), need)};
    case llvm::Instruction::Shl:
      return {pieces.Low(i.getOperand(0), need), pieces.Of(i.getOperand(1))};
    case llvm::Instruction::Select:
      return {pieces.Of(i.getOperand(0)), pieces.Low(i.getOperand(1), need),
              pieces.Low(i.getOperand(2), need)};
    case llvm::Instruction::Br:
      if (cast<llvm::BranchInst>(i).isConditional())
        out.push_back(pieces.Of(cast<llvm::BranchInst>(i).getCondition()));
      return out;
    case llvm::Instruction::Call:
      if (IsDigitStep(i)) {
        for (unsigned k = 0; k < 4; ++k) out.push_back(pieces.Low(i.getOperand(k), need));
        out.push_back(pieces.Of(i.getOperand(4)));
        return out;
      }
      for (const llvm::Use& value : cast<llvm::CallInst>(i).args()) {
        if (value->getType()->isIntegerTy()) out.push_back(pieces.Of(value));
      }
      return out;
    case llvm::Instruction::ICmp:
      if (const auto test = ZeroTestOf(i)) {
        const Slices& word = pieces.Of(i.getOperand(0));
        const unsigned width = TotalWidth(word) - test->lo;
        return {Cut(word, test->lo, width), {ZeroSlice(function.getContext(), width)}};
      }
      [[fallthrough]];
    case llvm::Instruction::LShr:
    case llvm::Instruction::AShr:
      return {pieces.Of(i.getOperand(0)), pieces.Of(i.getOperand(1))};
    default:
      return out;
  }
}

}  // namespace hlsc
