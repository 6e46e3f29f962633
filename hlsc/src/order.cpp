// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Order that a pipelined loop must keep: FIFO accesses, and loads and stores of one array.
#include <llvm/Analysis/ScalarEvolutionExpressions.h>

#include <set>

#include "diagnostics.h"
#include "scheduler.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::Instruction;
using llvm::isa;

void LoopScheduler::AddAccessOrder() {
  std::vector<Instruction*> accesses;
  for (Instruction* i : nodes_) {
    if (IsAccess(i)) accesses.push_back(i);
  }
  for (size_t a = 0; a < accesses.size(); ++a) {
    for (size_t b = a + 1; b < accesses.size(); ++b) {
      Instruction *first = accesses[a], *second = accesses[b];
      if (&process_.ChannelOf(*first) != &process_.ChannelOf(*second)) {
        // What is sent first may be what the answer waits for.
        if (IsPush(first) && IsPop(second)) edges_.push_back({first, second, 1, 0, false});
        continue;
      }
      const bool exclusive = process_.exclusive.Never(*first, *second);
      if (!exclusive && loop_.ii == 1) {
        Refuse(*second,
               "two accesses to stream '" + process_.ChannelOf(*first).source_name +
                   "' in one iteration at II=1 (the other one: " + Where(*first) + ")",
               "access it once, in either branch of an if, or raise II");
      }
      edges_.push_back({first, second, exclusive ? 0 : 1, 0, false});
      edges_.push_back({second, first, 1, 1, false});
      edges_.push_back({first, second, 1, 1, false});
    }
  }
}

void LoopScheduler::AddMemoryOrder() {
  std::vector<Instruction*> accesses;
  for (Instruction* i : nodes_) {
    if (PointerOf(*i) != nullptr && !process_.MemoryOf(*i).rom) accesses.push_back(i);
  }
  for (size_t a = 0; a < accesses.size(); ++a) {
    for (size_t b = a; b < accesses.size(); ++b) {
      if (&process_.MemoryOf(*accesses[a]) != &process_.MemoryOf(*accesses[b])) continue;
      if (!IsStore(*accesses[a]) && !IsStore(*accesses[b])) continue;
      AddMemoryPair(accesses[a], accesses[b]);
    }
  }
}

// Both orders: `first` before `second` in one iteration, and either before the other from one
// iteration to a later one.
void LoopScheduler::AddMemoryPair(Instruction* first, Instruction* second) {
  const Memory& memory = process_.MemoryOf(*first);
  // A store is visible in the next cycle; a load in the cycle of a store still sees the old word.
  const auto latency = [](const Instruction* from) { return IsStore(*from) ? 1 : 0; };
  if (first != second && !memory.no_intra && !process_.exclusive.Never(*first, *second)) {
    auto& evolution = process_.evolution;
    const auto* difference = dyn_cast<llvm::SCEVConstant>(evolution.getMinusSCEV(
        evolution.getSCEV(PointerOf(*first)), evolution.getSCEV(PointerOf(*second))));
    if (difference == nullptr || difference->isZero())
      edges_.push_back({first, second, latency(first), 0, true});
  }
  if (memory.no_inter || first == second) return;
  for (auto [from, to] : {std::pair{first, second}, std::pair{second, first}}) {
    const int distance = CarriedDistance(from, to);
    if (distance > 0) edges_.push_back({from, to, latency(from), distance, true});
  }
}

// The least d > 0 for which iteration i of `from` and iteration i + d of `to` may touch one word.
int LoopScheduler::CarriedDistance(Instruction* from, Instruction* to) {
  auto& evolution = process_.evolution;
  const llvm::SCEV* a = evolution.getSCEV(PointerOf(*from));
  const llvm::SCEV* b = evolution.getSCEV(PointerOf(*to));
  const auto* ra = dyn_cast<llvm::SCEVAddRecExpr>(a);
  const auto* rb = dyn_cast<llvm::SCEVAddRecExpr>(b);
  const auto* difference = dyn_cast<llvm::SCEVConstant>(evolution.getMinusSCEV(a, b));
  if (difference == nullptr) return 1;
  const llvm::Loop* loop = process_.loop_info.getLoopFor(loop_.block);
  if (ra == nullptr && rb == nullptr) {
    const bool fixed = evolution.isLoopInvariant(a, loop) && evolution.isLoopInvariant(b, loop);
    return fixed && !difference->isZero() ? 0 : 1;
  }
  if (ra == nullptr || rb == nullptr || ra->getLoop() != loop || rb->getLoop() != loop) return 1;
  const auto* step = dyn_cast<llvm::SCEVConstant>(ra->getStepRecurrence(evolution));
  if (step == nullptr || ra->getStepRecurrence(evolution) != rb->getStepRecurrence(evolution))
    return 1;
  const int64_t apart = difference->getAPInt().getSExtValue(),
                stride = step->getAPInt().getSExtValue();
  if (stride == 0) return apart == 0 ? 1 : 0;
  if (apart % stride != 0) return 0;
  const int64_t distance = apart / stride;  // address(from, i) = address(to, i + distance)
  return distance > 0 && distance < 1 << 20 ? static_cast<int>(distance) : 0;
}

void LoopScheduler::RefusePorts(const Memory& memory) {
  int loads = 0, stores = 0;
  for (const Instruction* i : memory.loads) loads += i->getParent() == loop_.block;
  for (const Instruction* i : memory.stores) stores += i->getParent() == loop_.block;
  const Instruction* at = memory.loads.empty() ? memory.stores.front() : memory.loads.front();
  for (const auto* list : {&memory.loads, &memory.stores}) {
    for (const Instruction* i : *list) {
      if (i->getParent() == loop_.block) at = i;
    }
  }
  Refuse(*at,
         "array '" + memory.name + "' has " + std::to_string(memory.ports) +
             " ports, but an iteration at II=" + std::to_string(loop_.ii) + " reads it " +
             std::to_string(loads) + " times and writes it " + std::to_string(stores) + " times",
         "use ARRAY_PARTITION or raise II");
}

void LoopScheduler::CheckPorts() {
  for (auto& memory : process_.memories) {
    if (memory->combinational) continue;
    std::vector<Instruction*> stores;
    int accesses = 0;
    for (Instruction* load : memory->loads) accesses += loop_.cycle.count(load) != 0;
    for (Instruction* store : memory->stores) {
      if (store->getParent() != loop_.block) continue;
      bool shares = false;  // with a store that never happens in the same iteration
      for (Instruction* other : stores) shares |= process_.exclusive.Never(*store, *other);
      stores.push_back(store);
      if (!shares) ++accesses;
    }
    if (accesses > memory->ports * loop_.ii) RefusePorts(*memory);
  }
}

// An access that finds no port free in its cycle, modulo II.
Instruction* LoopScheduler::OversubscribedAccess() {
  if (loop_.ii == 1) return nullptr;
  for (auto& memory : process_.memories) {
    if (memory->combinational) continue;
    std::vector<std::vector<Instruction*>> slots(loop_.ii);
    for (Instruction* i : nodes_) {
      if (PointerOf(*i) == nullptr || &process_.MemoryOf(*i) != memory.get()) continue;
      auto& slot = slots[loop_.cycle[i] % loop_.ii];
      slot.push_back(i);
      if (static_cast<int>(slot.size()) > memory->ports) return i;
    }
  }
  return nullptr;
}

}  // namespace hlsc
