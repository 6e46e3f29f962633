// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Modulo scheduling of pipelined loops. Every operation gets the earliest cycle, and a place in
// that cycle, at which its operands are there; loop-carried values, memory and FIFO order are
// further lower bounds. The least fixpoint of all bounds is the schedule; if it does not exist,
// the loop cannot run at the wanted initiation interval (II).
#include "scheduler.h"

#include <algorithm>
#include <set>

#include "diagnostics.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::Instruction;
using llvm::isa;

namespace {

constexpr double kTolerance = 1e-9;

std::string Nanoseconds(double value) {
  const std::string text = std::to_string(value);
  return text.substr(0, text.find('.') + 3) + " ns";
}

}  // namespace

LoopScheduler::LoopScheduler(Process& process, PipelinedLoop& loop)
    : process_(process), loop_(loop) {
  for (Instruction& i : *loop.block) {
    if (IsIgnored(i)) continue;
    const bool effect = IsAccess(&i) || IsStore(i) || i.isTerminator();
    if (!effect && (!process.IsComputed(i) || process.UsedWidth(&i) == 0)) continue;
    nodes_.push_back(&i);
    loop_.cycle[&i] = 0;
  }
  for (Instruction* i : nodes_) {
    if (isa<llvm::PHINode>(i)) continue;
    for (const Slices& operand : process_.Operands(*i)) {
      for (const Slice& s : operand) {
        auto* leaf = dyn_cast<Instruction>(s.leaf);
        if (leaf != nullptr && leaf->getParent() == loop.block) inputs_[i].push_back(leaf);
      }
    }
    std::sort(inputs_[i].begin(), inputs_[i].end());
    inputs_[i].erase(std::unique(inputs_[i].begin(), inputs_[i].end()), inputs_[i].end());
  }
}

void LoopScheduler::Run() {
  AddAccessOrder();
  AddMemoryOrder();
  CheckPorts();
  for (int attempt = 0;; ++attempt) {
    if (!Fixpoint(edges_) || IsExitLate()) {
      if (carried_.empty()) {
        FindCarried();
        for (auto& [i, cycle] : loop_.cycle) cycle = 0;
        finish_.clear();
        attempt = -1;
        continue;
      }
      if (!IsExitLate()) RefuseUnschedulable();
      break;
    }
    Instruction* late = OversubscribedAccess();
    if (late == nullptr) break;
    if (attempt > 64 * loop_.ii) RefusePorts(process_.MemoryOf(*late));
    ++loop_.cycle[late];
  }
  CheckExit();
  Finish();
}

// What lies between a carried value, or the start, and the value's next one, or the loop's end: it
// must fit into II cycles, and may use a part of what is left for routing otherwise.
void LoopScheduler::FindCarried() {
  std::set<const Instruction*> after, before;
  std::vector<const Instruction*> sinks;
  for (const Instruction* i : nodes_) {
    if (i->isTerminator() || isa<llvm::PHINode>(i)) sinks.push_back(i);
    bool reached = isa<llvm::PHINode>(i);
    for (const Instruction* input : inputs_[i]) reached |= after.count(input) != 0;
    if (reached) after.insert(i);
  }
  const auto add = [&](const Instruction* i) {
    if (before.insert(i).second) sinks.push_back(i);
  };
  while (!sinks.empty()) {
    const Instruction* i = sinks.back();
    sinks.pop_back();
    if (const auto* phi = dyn_cast<llvm::PHINode>(i)) {
      for (const Slice& s : process_.pieces.Low(phi->getIncomingValueForBlock(loop_.block),
                                                process_.UsedWidth(phi))) {
        const auto* leaf = dyn_cast<Instruction>(s.leaf);
        if (leaf != nullptr && leaf->getParent() == loop_.block) add(leaf);
      }
    } else {
      for (const Instruction* input : inputs_[i]) add(input);
    }
  }
  carried_.insert(loop_.block->getTerminator());
  for (const Instruction* i : after) {
    if (before.count(i) != 0) carried_.insert(i);
  }
}

LoopScheduler::Time LoopScheduler::Ready(const Instruction* leaf) const {
  const int cycle = loop_.cycle.at(leaf);
  const Delays& delays = process_.delays;
  if (isa<llvm::PHINode>(leaf)) return {cycle, delays.Register()};
  if (IsPop(leaf)) return {cycle, delays.FifoOutput()};
  if (isa<llvm::LoadInst>(leaf) && !process_.MemoryOf(*leaf).combinational) {
    return {cycle + 1, delays.MemoryOutput()};
  }
  const int latency = process_.LatencyOf(*leaf);
  if (latency > 0) return {cycle + latency, delays.Register()};
  auto it = finish_.find(leaf);
  return {cycle, it == finish_.end() ? delays.Register() : it->second};
}

// Values that come out of combinational logic in this very cycle must be registered first.
bool LoopScheduler::NeedsRegisters(const Instruction& i) const {
  return IsPush(&i) || process_.BlackBoxOf(i) != nullptr ||
         (IsStore(i) && process_.MemoryOf(i).central);
}

bool LoopScheduler::IsLogic(const Instruction* leaf) const {
  if (isa<llvm::PHINode>(leaf) || IsPop(leaf)) return false;
  if (isa<llvm::LoadInst>(leaf)) return process_.MemoryOf(*leaf).combinational;
  return process_.LatencyOf(*leaf) == 0;
}

LoopScheduler::Time LoopScheduler::Place(const Instruction& i, const std::vector<Edge>& edges) {
  const Delays& delays = process_.delays;
  Time at{loop_.cycle[&i], delays.Register()};
  bool logic = false;
  for (const Instruction* leaf : inputs_[&i]) {
    const Time ready = Ready(leaf);
    if (ready.cycle > at.cycle) {
      at = ready;
      logic = IsLogic(leaf);
    } else if (ready.cycle == at.cycle) {
      at.ns = std::max(at.ns, ready.ns);
      logic |= IsLogic(leaf);
    }
  }
  for (const Edge& edge : edges) {
    if (edge.to != &i) continue;
    const int bound = loop_.cycle[edge.from] + edge.latency - loop_.ii * edge.distance;
    if (bound > at.cycle) {
      at = {bound, delays.Register()};
      logic = false;
    }
  }
  const auto next = [&] {
    ++at.cycle;
    at.ns = delays.Register();
    logic = false;
  };
  if (NeedsRegisters(i) && logic) next();
  const double delay = process_.DelayOf(i);
  const bool slow = process_.LatencyOf(i) > 0;
  const double budget = carried_.count(&i) != 0 ? delays.CarriedBudget() : delays.Budget();
  if (at.ns + delay > budget + kTolerance && at.ns > delays.Register() + kTolerance) next();
  if (slow && logic) next();
  if (delay > delays.Budget() && loop_.ii == 1) tight_ = &i;
  at.ns += delay;
  return at;
}

bool LoopScheduler::Fixpoint(const std::vector<Edge>& all) {
  std::map<const Instruction*, std::vector<Edge>> into;
  for (const Edge& edge : all) into[edge.to].push_back(edge);
  static const std::vector<Edge> kNone;
  int limit = -1;
  for (int pass = 0;; ++pass) {
    bool changed = false;
    int deepest = 0;
    for (const Instruction* i : nodes_) {
      if (!isa<llvm::PHINode>(i)) {
        auto found = into.find(i);
        const Time at = Place(*i, found == into.end() ? kNone : found->second);
        changed |= at.cycle != loop_.cycle[i] || at.ns != finish_[i];
        loop_.cycle[i] = at.cycle;
        finish_[i] = at.ns;
      }
      deepest = std::max(deepest, loop_.cycle[i]);
    }
    for (const Instruction* i : nodes_) {
      const auto* phi = dyn_cast<llvm::PHINode>(i);
      if (phi == nullptr) continue;
      const int bound = CarriedReady(*phi) - loop_.ii + 1;
      if (bound > loop_.cycle[phi]) {
        loop_.cycle[phi] = bound;
        culprit_ = phi;
        changed = true;
      }
    }
    if (!changed) return true;
    // Without recurrences the first pass is final; each recurrence can then add its own length.
    if (limit < 0) limit = 4 * deepest + 64 + 2 * static_cast<int>(nodes_.size());
    if (deepest > limit || pass > limit) return false;
  }
}

// The cycle at whose end the next iteration's value of `phi` can be stored.
int LoopScheduler::CarriedReady(const llvm::PHINode& phi) {
  int ready = 0;
  for (const Slice& s :
       process_.pieces.Low(phi.getIncomingValueForBlock(loop_.block), process_.UsedWidth(&phi))) {
    const auto* leaf = dyn_cast<Instruction>(s.leaf);
    if (leaf != nullptr && leaf->getParent() == loop_.block)
      ready = std::max(ready, Ready(leaf).cycle);
  }
  return ready;
}

bool LoopScheduler::IsExitLate() {
  return loop_.cycle[loop_.block->getTerminator()] > loop_.ii - 1;
}

void LoopScheduler::CheckExit() {
  if (!IsExitLate()) return;
  const Instruction* branch = loop_.block->getTerminator();
  const auto* condition = dyn_cast<Instruction>(cast<llvm::BranchInst>(branch)->getCondition());
  Refuse(condition != nullptr && condition->getDebugLoc() ? *condition : *branch,
         "whether the loop goes on is known only " + std::to_string(loop_.cycle[branch]) +
             " cycles after an iteration starts, II=" + std::to_string(loop_.ii),
         "let the loop count to a bound known before it, raise II or lower --clock");
}

void LoopScheduler::Finish() {
  int last = loop_.ii - 1;
  for (const Instruction* i : nodes_) {
    loop_.latency[i] =
        isa<llvm::LoadInst>(i) && !process_.MemoryOf(*i).combinational ? 1 : process_.LatencyOf(*i);
    last = std::max(last, loop_.cycle[i]);
    if (const auto* phi = dyn_cast<llvm::PHINode>(i)) {
      loop_.update[phi] = std::max(CarriedReady(*phi), loop_.cycle[phi]);
      last = std::max(last, loop_.update[phi]);
    }
    for (const llvm::User* user : i->users()) {  // live after the loop
      const auto* other = dyn_cast<Instruction>(user);
      if (other != nullptr && other->getParent() != loop_.block)
        last = std::max(last, Ready(i).cycle);
    }
  }
  // Wiring of values of the loop may be used behind it, too.
  for (Instruction& i : *loop_.block) {
    if (!process_.pieces.IsWiring(&i)) continue;
    for (const llvm::User* user : i.users()) {
      const auto* other = dyn_cast<Instruction>(user);
      if (other == nullptr || other->getParent() == loop_.block) continue;
      for (const Slice& s : process_.pieces.Of(&i)) {
        const auto* leaf = dyn_cast<Instruction>(s.leaf);
        if (leaf != nullptr && leaf->getParent() == loop_.block && loop_.cycle.count(leaf) != 0) {
          last = std::max(last, Ready(leaf).cycle);
        }
      }
    }
  }
  loop_.depth = last + 1;
}

void LoopScheduler::RefuseUnschedulable() {
  const auto works_without = [&](bool memory) {
    for (auto& [i, cycle] : loop_.cycle) cycle = 0;
    finish_.clear();
    std::vector<Edge> rest;
    for (const Edge& edge : edges_) {
      if (edge.memory != memory) rest.push_back(edge);
    }
    return Fixpoint(rest);
  };
  const std::string ii = "II=" + std::to_string(loop_.ii);
  if (works_without(true)) {
    for (const Edge& edge : edges_) {
      if (!edge.memory || edge.distance == 0 ||
          loop_.cycle[edge.from] + edge.latency - loop_.ii * edge.distance <= loop_.cycle[edge.to])
        continue;
      Refuse(*edge.from,
             "array '" + process_.MemoryOf(*edge.from).name +
                 "': an iteration may need what the one before it writes, too late for " + ii,
             "raise II, keep the last values in variables, or promise '#pragma HLS DEPENDENCE "
             "variable=" +
                 process_.MemoryOf(*edge.from).name + " inter false'");
    }
    Refuse(WhereLoop(*process_.loop_info.getLoopFor(loop_.block)),
           "a memory dependence from one iteration to the next does not fit " + ii, "raise II");
  }
  if (works_without(false)) {
    for (const Edge& edge : edges_) {
      if (!edge.memory && edge.distance > 0) {
        Refuse(*edge.from,
               "accesses to stream '" + process_.ChannelOf(*edge.from).source_name +
                   "' in one iteration do not fit " + ii,
               "raise II");
      }
    }
  }
  const Instruction* carried = culprit_;
  if (const auto* phi = dyn_cast_or_null<llvm::PHINode>(culprit_)) {
    if (auto* update = dyn_cast<Instruction>(phi->getIncomingValueForBlock(loop_.block)))
      carried = update;
  }
  Refuse(carried == nullptr ? *loop_.block->getTerminator() : *carried,
         "a value that the loop carries from one iteration to the next takes longer than " + ii +
             " at " + std::to_string(static_cast<int>(process_.delays.clock_mhz())) + " MHz (" +
             Nanoseconds(process_.delays.CarriedBudget() * loop_.ii) + " of logic)",
         "shorten the computation, raise II or lower --clock");
}

void Process::Schedule() {
  for (auto& loop : loops) LoopScheduler(*this, *loop).Run();
}

}  // namespace hlsc
