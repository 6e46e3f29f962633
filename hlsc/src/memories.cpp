// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Local arrays: which there are, how they are addressed, and what they are made of.
#include <llvm/ADT/MapVector.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Operator.h>

#include <bit>
#include <set>

#include "diagnostics.h"
#include "process.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;

namespace {

constexpr unsigned kLutRomBits = 8192;      // smaller ROMs are read within the cycle
constexpr unsigned kMostRegisters = 65536;  // bits of a completely partitioned array

}  // namespace

unsigned Memory::AddressBits() const {
  return depth <= 1 ? 1 : static_cast<unsigned>(std::bit_width(depth - 1));
}

void Process::CollectMemories() {
  for (llvm::BasicBlock& block : function) {
    for (llvm::Instruction& i : block) {
      llvm::Value* pointer = PointerOf(i);
      if (pointer == nullptr) continue;
      llvm::Value* base = llvm::getUnderlyingObject(pointer, 32);
      Memory* memory = nullptr;
      for (auto& m : memories) {
        if (m->base == base) memory = m.get();
      }
      if (memory == nullptr) memory = &AddMemory(i, base);
      llvm::Type* type = IsStore(i) ? StoredValue(i)->getType() : i.getType();
      if (!type->isIntegerTy()) {
        Refuse(i, type->isFloatingPointTy() ? "floating point" : "an array of pointers or structs",
               "use ap_int, and one array for each field");
      }
      const unsigned width = type->getIntegerBitWidth();
      if (memory->width != 0 && memory->width != width) {
        Refuse(i,
               "array '" + memory->name + "' is accessed as " + std::to_string(memory->width) +
                   " and as " + std::to_string(width) + " bits",
               "use one array for each field and no casts of its address");
      }
      memory->width = width;
      memory->bytes = static_cast<unsigned>(function.getDataLayout().getTypeAllocSize(type));
      (IsStore(i) ? memory->stores : memory->loads).push_back(&i);
      memory_of_[&i] = memory;
    }
  }
  std::set<std::string> names;
  for (auto& memory : memories) {
    SetMemoryKind(*memory);
    while (!names.insert(memory->name).second) memory->name += "_2";
  }
}

Memory& Process::AddMemory(llvm::Instruction& access, llvm::Value* base) {
  auto memory = std::make_unique<Memory>();
  memory->base = base;
  memory->name = SourceName(*base);
  if (isa<llvm::Argument>(base)) {
    Refuse(access, "memory behind pointer '" + memory->name + "'",
           "use hls::burst_maxi for card memory, hls::stream between processes");
  }
  if (const auto* global = dyn_cast<llvm::GlobalVariable>(base)) {
    memory->rom = global->isConstant();
    if (!global->hasInitializer())
      Refuse(access, "global variable without a known value", "define it in this source");
    llvm::SmallVector<llvm::DIGlobalVariableExpression*> debug;
    global->getDebugInfo(debug);
    if (!debug.empty()) memory->name = debug[0]->getVariable()->getName().str();
    if (!memory->rom) {
      Refuse(access, "variable '" + memory->name + "' keeps its value from one run to the next",
             "make it a local variable, or const");
    }
  } else if (!isa<llvm::AllocaInst>(base)) {
    Refuse(access, "an address whose array is not known at compile time",
           "index one array directly");
  }
  for (char& c : memory->name) {
    if (!isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  memories.push_back(std::move(memory));
  return *memories.back();
}

void Process::SetMemoryKind(Memory& memory) {
  const llvm::DataLayout& layout = function.getDataLayout();
  uint64_t bytes = 0;
  llvm::Type* type = nullptr;
  if (const auto* local = dyn_cast<llvm::AllocaInst>(memory.base)) {
    if (!isa<llvm::ConstantInt>(local->getArraySize()))
      Refuse(*local, "array of variable size", "use a constant size");
    type = local->getAllocatedType();
    bytes = local->getAllocationSize(layout)->getFixedValue();
  } else {
    type = cast<llvm::GlobalVariable>(memory.base)->getValueType();
    bytes = layout.getTypeAllocSize(type);
  }
  memory.depth = static_cast<unsigned>(std::max<uint64_t>(1, bytes / memory.bytes));
  // A constant table has a copy for each read of an iteration, as Vitis's rom_np.
  constexpr int kAsManyAsNeeded = 1 << 16;
  memory.ports = GetNote(*memory.base, "hlsc.ports").value_or(memory.rom ? kAsManyAsNeeded : 2);
  memory.style = static_cast<RamStyle>(GetNote(*memory.base, "hlsc.style").value_or(0));
  memory.no_inter = GetNote(*memory.base, "hlsc.no_inter").has_value();
  memory.no_intra = GetNote(*memory.base, "hlsc.no_intra").has_value();
  const auto complete = [&](int dim) {
    const auto note = GetNote(*memory.base, ("hlsc.partition." + std::to_string(dim)).c_str());
    return note && *note % 4 == 0;
  };
  int dims = 0;
  for (llvm::Type* t = type; t->isArrayTy(); t = t->getArrayElementType()) ++dims;
  bool all = complete(0);
  if (!all && dims > 0) {
    all = true;
    for (int d = 1; d <= dims; ++d) all &= complete(d);
  }
  const uint64_t bits = static_cast<uint64_t>(memory.depth) * memory.width;
  if (all && bits > kMostRegisters) {
    Refuse(*memory.loads.front(),
           "array '" + memory.name + "' of " + std::to_string(bits) + " bits as registers",
           "partition only one dimension");
  }
  memory.combinational = all || memory.depth == 1 || (memory.rom && bits <= kLutRomBits);
  std::set<const void*> writers;
  for (llvm::Instruction* store : memory.stores) {
    PipelinedLoop* loop = LoopOf(store);
    writers.insert(loop == nullptr ? nullptr : static_cast<const void*>(loop));
  }
  memory.central = writers.size() > 1;
  // Stores of one loop sit in one clocked block only if they are in one stage: so let them share.
  for (llvm::Instruction* store : memory.stores) {
    if (memory.stores.size() > 1 && LoopOf(store) != nullptr) memory.central = true;
  }
}

Memory& Process::MemoryOf(const llvm::Instruction& access) { return *memory_of_.at(&access); }

Address Process::AddressOf(const llvm::Instruction& access) {
  Address address;
  address.memory = memory_of_.at(&access);
  const int64_t size = address.memory->bytes;
  const llvm::DataLayout& layout = function.getDataLayout();
  int64_t bytes = 0;
  llvm::Value* pointer = PointerOf(access);
  while (auto* gep = dyn_cast<llvm::GEPOperator>(pointer)) {
    llvm::MapVector<llvm::Value*, llvm::APInt> terms;
    llvm::APInt constant(64, 0);
    if (!gep->collectOffset(layout, 64, terms, constant))
      Refuse(access, "this form of address", "index the array directly");
    bytes += constant.getSExtValue();
    for (auto& [index, scale] : terms) {
      if (scale.getSExtValue() % size != 0)
        Refuse(access, "access to part of an element of '" + address.memory->name + "'",
               "use one array for each field");
      address.terms.push_back({index, scale.getSExtValue() / size});
    }
    pointer = gep->getPointerOperand();
  }
  if (pointer != address.memory->base) {
    Refuse(access, "an address chosen between arrays", "choose between the values instead");
  }
  if (bytes % size != 0)
    Refuse(access, "access to part of an element of '" + address.memory->name + "'",
           "use one array for each field");
  address.base = bytes / size;
  return address;
}

Slices Process::AddressTerm(const Address& address, size_t term) {
  return pieces.Low(address.terms[term].first, address.memory->AddressBits());
}

}  // namespace hlsc
