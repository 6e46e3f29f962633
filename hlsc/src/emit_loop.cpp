// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Pipelined loops. Stage S of loop L is occupied while lL_vS; it moves on unless it, or a stage
// after it, waits for a FIFO (lL_holdS). Stages behind the last waiting one always move on, so
// that iterations under way finish even when the input runs dry.
#include <algorithm>

#include "blackbox.h"
#include "diagnostics.h"
#include "emitter.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::Instruction;
using llvm::isa;

std::string Emitter::Valid(const PipelinedLoop& loop, int stage) const {
  return ValidBits(loop, stage, stage);
}

std::string Emitter::ValidBits(const PipelinedLoop& loop, int first, int last) const {
  std::string name = "l" + std::to_string(loop.index) + "_v";
  if (loop.depth == 1) return name;
  if (first == last) return name + "[" + std::to_string(first) + "]";
  return name + "[" + std::to_string(last) + ":" + std::to_string(first) + "]";
}

std::string Emitter::Go(const PipelinedLoop& loop, int stage) const {
  const int hold = HoldStage(loop, stage);
  if (hold < 0) return Valid(loop, stage);
  return "(" + Valid(loop, stage) + " & ~l" + std::to_string(loop.index) + "_hold" +
         std::to_string(hold) + ")";
}

// A black box has one clock enable, so the stages that it spans move on together.
int Emitter::HoldStage(const PipelinedLoop& loop, int stage) const {
  const auto regions = regions_.find(loop.index);
  if (regions != regions_.end()) {
    const auto region = regions->second.find(stage);
    if (region != regions->second.end()) stage = region->second;
  }
  const std::set<int>& stalls = stalls_.at(loop.index);
  const auto hold = stalls.lower_bound(stage);
  return hold == stalls.end() ? -1 : *hold;
}

void Emitter::FindRegions(PipelinedLoop& loop) {
  std::map<int, int>& regions = regions_[loop.index];
  regions.clear();
  for (Instruction& i : *loop.block) {
    if (p_.BlackBoxOf(i) == nullptr || !Needed(i)) continue;
    const int first = loop.cycle.at(&i);
    for (int stage = first; stage < first + p_.LatencyOf(i); ++stage) {
      auto [it, fresh] = regions.try_emplace(stage, first);
      it->second = std::min(it->second, first);
    }
  }
  for (auto& [stage, first] : regions) {  // boxes that overlap form one region
    while (regions.at(first) < first) first = regions.at(first);
  }
}

void Emitter::EmitBlackBox(Instruction& call, PipelinedLoop& loop) {
  const BlackBox& box = *p_.BlackBoxOf(call);
  const int stage = loop.cycle.at(&call), hold = HoldStage(loop, stage);
  const std::string id =
      std::to_string(ids_.try_emplace(&call, static_cast<int>(ids_.size())).first->second);
  const unsigned width = WidthOf(&call);
  decl_ << "  logic " << Range(width) << "result_" << id
        << (FullyUsed('v', &call) && p_.UsedWidth(&call) == width ? "" : "_unused") << ";\n  logic "
        << Range(p_.UsedWidth(&call)) << Name('v', &call) << ";\n  logic unused_done_" << id
        << ", unused_ready_" << id << ", unused_idle_" << id << ";\n";
  const std::string result =
      "result_" + id + (FullyUsed('v', &call) && p_.UsedWidth(&call) == width ? "" : "_unused");
  const auto pin = [&](const char* role, const std::string& net) {
    auto it = box.signals.find(role);
    if (it != box.signals.end()) body_ << ",\n    ." << it->second << "(" << net << ")";
  };
  body_ << "  " << box.name << " u_" << box.name << "_" << id << " (\n    ." << box.result << "("
        << result << ")";
  pin("clock", "ap_clk");
  pin("reset", "ap_rst");
  pin("enable",
      hold < 0 ? "1'b1" : "~l" + std::to_string(loop.index) + "_hold" + std::to_string(hold));
  pin("start", Valid(loop, stage));
  pin("continue", "1'b1");
  pin("done", "unused_done_" + id);
  pin("ready", "unused_ready_" + id);
  pin("idle", "unused_idle_" + id);
  const auto operands = p_.Operands(call);
  for (size_t k = 0; k < operands.size() && k < box.parameters.size(); ++k) {
    body_ << ",\n    ." << box.parameters[k].data << "("
          << Ref(operands[k], {&loop, stage, nullptr}) << ")";
  }
  body_ << "\n  );\n  assign " << Name('v', &call) << " = "
        << Select(result, width, 0, p_.UsedWidth(&call)) << ";\n";
}

bool Emitter::Needed(const Instruction& i) { return p_.IsComputed(i) && p_.UsedWidth(&i) != 0; }

// Logic whose result leaves its stage at once (predicates of reads, the loop's end) is computed
// outside the stage's clocked block.
void Emitter::MarkWired(const Slices& slices, PipelinedLoop& loop, int stage) {
  for (const Slice& s : slices) {
    auto* leaf = dyn_cast<Instruction>(s.leaf);
    if (leaf == nullptr || leaf->getParent() != loop.block || loop.cycle.at(leaf) != stage)
      continue;
    if (isa<llvm::PHINode>(leaf) || IsPop(leaf) || p_.LatencyOf(*leaf) > 0) continue;
    if (isa<llvm::LoadInst>(leaf) && !p_.MemoryOf(*leaf).combinational) continue;
    if (!wired_.insert(leaf).second) continue;
    for (const Slices& operand : p_.Operands(*leaf)) MarkWired(operand, loop, stage);
  }
}

void Emitter::FindWired(PipelinedLoop& loop) {
  for (Instruction& i : *loop.block) {
    if (IsPop(&i)) MarkWired(p_.pieces.Of(PredicateOf(i)), loop, loop.cycle.at(&i));
    if (i.isTerminator()) {
      for (const Slices& operand : p_.Operands(i)) MarkWired(operand, loop, loop.ii - 1);
    }
  }
}

std::string Emitter::Continue(PipelinedLoop& loop) {
  auto* branch = cast<llvm::BranchInst>(loop.block->getTerminator());
  if (!branch->isConditional()) return "1'b1";
  const std::string condition =
      Ref(p_.pieces.Of(branch->getCondition()), {&loop, loop.ii - 1, nullptr});
  return branch->getSuccessor(0) == loop.block ? condition : "~" + condition;
}

void Emitter::EmitLoopControl(PipelinedLoop& loop) {
  const std::string l = "l" + std::to_string(loop.index) + "_";
  std::map<int, std::vector<std::string>> waits;
  for (Instruction& i : *loop.block) {
    if (!IsAccess(&i)) continue;
    const int stage = loop.cycle.at(&i);
    const Channel& channel = p_.ChannelOf(i);
    const std::string predicate = Predicate(i, {&loop, stage, nullptr});
    const std::string flag = Identifier(channel.name) + (channel.output ? "_full_n" : "_empty_n");
    const std::string wait = "(" + Valid(loop, stage) +
                             (predicate.empty() ? "" : " & " + predicate) + " & ~" + flag + ")";
    waits[stage].push_back(wait);
    (channel.output ? stall_out_ : stall_in_).push_back(wait);
  }
  std::string after;
  for (auto it = waits.rbegin(); it != waits.rend(); ++it) {
    const std::string hold = l + "hold" + std::to_string(it->first);
    std::string terms = after;
    for (const std::string& wait : it->second) terms += (terms.empty() ? "" : " | ") + wait;
    decl_ << "  logic " << hold << ";\n";
    body_ << "  assign " << hold << " = " << terms << ";\n";
    after = hold;
  }
  decl_ << "  logic " << Range(static_cast<unsigned>(loop.depth)) << l << "v;\n  logic " << l
        << "start, " << l << "busy;\n";
  body_ << "  assign " << l << "start = " << Start(loop) << ";\n  assign " << l
        << "busy = " << (loop.depth == 1 ? "" : "|") << l << "v;\n";
  valid_bits_ << "      " << l << "v <= ap_rst ? '0 : " << NextValid(loop) << ";\n";
}

// The stages that wait together, [first, last], shift their bits by one unless they wait.
std::string Emitter::NextValid(PipelinedLoop& loop) {
  const std::string l = "l" + std::to_string(loop.index) + "_", more = Continue(loop);
  std::string bits;
  for (int first = 0, last; first < loop.depth; first = last + 1) {
    const int hold = HoldStage(loop, first);
    for (last = first; last + 1 < loop.depth && HoldStage(loop, last + 1) == hold;) ++last;
    const std::string name = hold < 0 ? "" : l + "hold" + std::to_string(hold);
    const std::string all = ValidBits(loop, first, last);
    const std::string any = first == last ? all : "(|" + all + ")";
    moves_.push_back(hold < 0 ? any : "(" + any + " & ~" + name + ")");
    std::string enter = first == 0 ? l + "start | (" + Go(loop, loop.ii - 1) + " & " + more + ")"
                                   : Go(loop, first - 1);
    if (hold >= 0) enter += " | (" + Valid(loop, first) + " & " + name + ")";
    bits = enter + (bits.empty() ? "" : ", ") + bits;
    if (first == last) continue;
    const std::string from = ValidBits(loop, first, last - 1);
    bits = (hold < 0 ? from : name + " ? " + ValidBits(loop, first + 1, last) + " : " + from) +
           ", " + bits;
  }
  return "{" + bits + "}";
}

void Emitter::EmitOperation(Instruction& i, const Context& at, std::ostream& body,
                            std::vector<std::string>* locals) {
  if (IsAccess(&i) || isa<llvm::PHINode>(i) || i.isTerminator()) return;
  if (IsStore(i)) {
    const Memory& memory = p_.MemoryOf(i);
    if (memory.central || memory.used_width == 0) return;
    const std::string predicate = IsPredicatedStore(&i) ? Predicate(i, at) : "";
    body << "      " << (predicate.empty() ? "" : "if (" + predicate + ") ") << memory.name
         << "_mem[" << AddressRef(i, at)
         << "] <= " << Ref(p_.pieces.Low(StoredValue(i), memory.used_width), at) << ";\n";
    return;
  }
  if (!Needed(i) || p_.BlackBoxOf(i) != nullptr) return;
  if (isa<llvm::LoadInst>(i) && !p_.MemoryOf(i).combinational) {
    const Memory& memory = p_.MemoryOf(i);
    const unsigned width = p_.UsedWidth(&i);  // other loads may look at more bits of a word
    const std::string word = memory.name + "_mem[" + AddressRef(i, at) + "]";
    Declare('q', &i, width);
    body << "      " << Name('q', &i) << " <= " << Select(word, memory.used_width, 0, width)
         << ";\n";
    return;
  }
  const std::string declaration = "logic " + Range(p_.UsedWidth(&i)) + Name('v', &i) + ";\n";
  const std::string text = Name('v', &i) + " = " + Expression(i, at) + ";\n";
  if (wired_.count(&i) != 0) {
    decl_ << "  " << declaration;
    body_ << "  assign " << text;
  } else {
    locals->push_back("    " + declaration);
    body << "      " << text;
  }
}

std::string Emitter::EmitStage(PipelinedLoop& loop, int stage) {
  const Context at{&loop, stage, nullptr};
  std::ostringstream work, update, start;
  std::vector<std::string> locals;
  for (Instruction& i : *loop.block) {
    auto cycle = loop.cycle.find(&i);
    if (cycle != loop.cycle.end() && cycle->second == stage) EmitOperation(i, at, work, &locals);
  }
  for (Instruction& i : *loop.block) {
    auto kept = kept_.find(&i);
    if (kept != kept_.end() && !recording_) {
      for (const Interval& interval : kept->second[stage + 1]) {
        const std::string name = "p_" + std::to_string(ids_[&i]) +
                                 (interval.lo == 0 ? "" : "b" + std::to_string(interval.lo)) + "_" +
                                 std::to_string(stage + 1);
        decl_ << "  logic " << Range(interval.width) << name << ";\n";
        register_bits_ += interval.width;
        work << "      " << name << " <= " << LeafRef(&i, interval.lo, interval.width, at) << ";\n";
      }
    }
    if (loop.cycle.count(&i) == 0 || !i.getType()->isIntegerTy()) continue;
    if (live_out_.count(&i) != 0 &&
        BaseStage(i, loop) + (p_.BlackBoxOf(i) != nullptr ? 0 : p_.LatencyOf(i)) == stage) {
      Declare('o', &i, CopyWidth('o', &i));
      work << "      " << Name('o', &i) << " <= " << LeafRef(&i, 0, CopyWidth('o', &i), at)
           << ";\n";
    }
    auto* phi = dyn_cast<llvm::PHINode>(&i);
    if (phi == nullptr || loop.update.at(phi) != stage) continue;
    const unsigned width = p_.UsedWidth(phi);
    Declare('r', phi, width);
    update << "      " << Name('r', phi)
           << " <= " << Ref(p_.pieces.Low(phi->getIncomingValueForBlock(loop.block), width), at)
           << ";\n";
    for (unsigned k = 0; k < phi->getNumIncomingValues(); ++k) {
      if (phi->getIncomingBlock(k) == loop.block || isa<llvm::UndefValue>(phi->getIncomingValue(k)))
        continue;
      start << "      " << Name('r', phi) << " <= "
            << Ref(p_.pieces.Low(phi->getIncomingValue(k), width), {nullptr, 0, Preheader(loop)})
            << ";\n";
    }
  }
  EmitPromises(loop, stage, work);
  work << update.str();  // behind what reads the old values: a simulator then needs no second copy
  if (work.str().empty()) return "";
  const std::string l = "l" + std::to_string(loop.index);
  std::string text = "      begin : " + l + "_stage" + std::to_string(stage) + "\n";
  for (const std::string& local : locals) text += "    " + local;
  text += "        if (" + Go(loop, stage) + ") begin\n" + work.str() + "        end\n";
  if (!start.str().empty())  // the loop is empty then
    text += "        if (" + l + "_start) begin\n" + start.str() + "        end\n";
  return text + "      end\n";
}

void Emitter::EmitLoop(PipelinedLoop& loop) {
  stalls_[loop.index];
  for (Instruction& i : *loop.block) {
    if (IsAccess(&i)) stalls_[loop.index].insert(loop.cycle.at(&i));
  }
  FindRegions(loop);
  FindWired(loop);
  body_ << "\n  // Loop at line " << loop.line << ": II=" << loop.ii << ", " << loop.depth
        << " stages.\n";
  EmitLoopControl(loop);
  for (Instruction& i : *loop.block) {
    if (p_.BlackBoxOf(i) != nullptr && Needed(i)) EmitBlackBox(i, loop);
  }
  std::string stages;  // the last one first: each reads what the one before it held
  // Synthesis gets a block for each stage, which it can take in one by one: yosys needs time with
  // the square of a block's length. What several stages may write, a memory, stays in one block.
  const bool split = std::none_of(p_.memories.begin(), p_.memories.end(),
                                  [](const auto& memory) { return !memory->stores.empty(); });
  const std::string between =
      "`ifdef SYNTHESIS\n    end\n  end\n  always_ff @(posedge ap_clk) begin\n    if (ap_rst | "
      "ap_moves) begin\n`endif\n";
  for (int stage = 0; stage < loop.depth; ++stage) {
    const std::string text = EmitStage(loop, stage);
    stages = (text.empty() || !split ? text : text + between) + stages;
  }
  clocked_ << stages;
}

// From single uses to what each stage keeps: overlapping bit ranges become one register, and a
// stage keeps whatever a later stage needs.
void Emitter::MergeIntervals() {
  for (auto& [leaf, stages] : uses_) {
    auto* instruction = cast<Instruction>(const_cast<llvm::Value*>(leaf));
    const int base = BaseStage(*instruction, *p_.LoopOf(instruction));
    ids_.try_emplace(leaf, static_cast<int>(ids_.size()));
    std::vector<Interval> need;
    for (int stage = stages.rbegin()->first; stage > base; --stage) {
      auto found = stages.find(stage);
      if (found != stages.end())
        need.insert(need.end(), found->second.begin(), found->second.end());
      std::sort(need.begin(), need.end(),
                [](const Interval& a, const Interval& b) { return a.lo < b.lo; });
      std::vector<Interval> merged;
      for (const Interval& i : need) {
        if (!merged.empty() && i.lo < merged.back().lo + merged.back().width) {
          merged.back().width =
              std::max(merged.back().lo + merged.back().width, i.lo + i.width) - merged.back().lo;
        } else {
          merged.push_back(i);
        }
      }
      need = merged;
      kept_[leaf][stage] = need;
    }
  }
}

// A simulation-time check of '#pragma HLS DEPENDENCE … inter false': when a word is stored, no
// younger iteration may have read it already.
void Emitter::EmitPromises(PipelinedLoop& loop, int stage, std::ostream& work) {
  std::ostringstream check;
  for (const auto& memory : p_.memories) {
    if (!memory->no_inter) continue;
    for (Instruction* load : memory->loads) {
      if (load->getParent() != loop.block || loop.cycle.count(load) == 0 ||
          GetNote(*load, "hlsc.speculative"))
        continue;
      const int read = loop.cycle.at(load);
      int last = -1;
      for (Instruction* store : memory->stores) {
        if (store->getParent() == loop.block && loop.cycle.at(store) > read)
          last = std::max(last, loop.cycle.at(store));
      }
      if (last < 0 || stage < read) continue;
      const auto name = [&](int s) {
        return "check_" +
               std::to_string(ids_.try_emplace(load, static_cast<int>(ids_.size())).first->second) +
               "_" + std::to_string(s);
      };
      const Context at{&loop, stage, nullptr};
      if (stage + 1 < last || (stage + 1 == last && stage == read)) {
        if (stage + 1 < last) {
          decl_ << "`ifndef SYNTHESIS\n  logic " << Range(memory->AddressBits()) << name(stage + 1)
                << ";\n`endif\n";
          check << "      " << name(stage + 1)
                << " <= " << (stage == read ? AddressRef(*load, at) : name(stage)) << ";\n";
        }
      }
      for (Instruction* store : memory->stores) {
        if (store->getParent() != loop.block || loop.cycle.at(store) != stage || stage <= read)
          continue;
        const std::string predicate = IsPredicatedStore(store) ? Predicate(*store, at) : "";
        std::string clash;
        for (int s = read + 1; s < stage; ++s) {
          clash += (clash.empty() ? "" : " || ") + ("(" + Valid(loop, s) + " && " + name(s) +
                                                    " == (" + AddressRef(*store, at) + "))");
        }
        if (clash.empty()) continue;
        check << "      if (" << (predicate.empty() ? "" : predicate + " && ") << "(" << clash
              << ")) $fatal(1, \"" << p_.name << ": array '" << memory->name
              << "' breaks its promise DEPENDENCE inter false\");\n";
      }
    }
  }
  if (!check.str().empty()) work << "`ifndef SYNTHESIS\n" << check.str() << "`endif\n";
}

}  // namespace hlsc
