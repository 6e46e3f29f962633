// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Names of values, as they are called in a given stage or state.
#include <llvm/ADT/SmallString.h>

#include <algorithm>

#include "diagnostics.h"
#include "emitter.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::Instruction;
using llvm::isa;

std::string Range(unsigned width) {
  return width == 1 ? "" : "[" + std::to_string(width - 1) + ":0] ";
}

std::string HexConstant(const llvm::APInt& value) {
  llvm::SmallString<80> digits;
  value.toString(digits, 16, false);
  return std::to_string(value.getBitWidth()) + "'h" + std::string(digits.str());
}

std::string Identifier(const std::string& name) {
  static const std::set<std::string> kKeywords = {
      "alias",    "always",      "and",       "assert",  "assign",   "assume",     "begin",
      "bit",      "buf",         "byte",      "case",    "cell",     "class",      "config",
      "const",    "context",     "cover",     "default", "design",   "disable",    "do",
      "edge",     "else",        "end",       "enum",    "event",    "export",     "extends",
      "final",    "first_match", "for",       "force",   "fork",     "function",   "generate",
      "if",       "import",      "initial",   "inout",   "input",    "inside",     "instance",
      "int",      "integer",     "interface", "join",    "library",  "local",      "logic",
      "longint",  "matches",     "module",    "nand",    "negedge",  "new",        "nor",
      "not",      "null",        "or",        "output",  "package",  "packed",     "parameter",
      "posedge",  "primitive",   "priority",  "process", "property", "protected",  "pure",
      "rand",     "ref",         "reg",       "release", "repeat",   "return",     "scalared",
      "sequence", "shortint",    "signed",    "small",   "large",    "medium",     "solve",
      "specify",  "static",      "string",    "strong",  "struct",   "super",      "supply0",
      "supply1",  "table",       "tagged",    "task",    "this",     "throughout", "time",
      "tri",      "type",        "typedef",   "union",   "unique",   "unsigned",   "use",
      "var",      "vectored",    "virtual",   "void",    "wait",     "weak",       "while",
      "wire",     "with",        "within",    "xor",     "xnor"};
  return kKeywords.count(name) != 0 ? name + "_r" : name;
}

// A name that contains "unused" tells lint that some of its bits may be.
std::string Emitter::Name(char kind, const llvm::Value* value) {
  auto [it, fresh] = ids_.try_emplace(value, static_cast<int>(ids_.size()));
  return std::string(1, kind) + "_" + std::to_string(it->second) +
         (FullyUsed(kind, value) ? "" : "_unused");
}

bool Emitter::FullyUsed(char kind, const llvm::Value* value) const {
  auto copy = copies_before_.find({kind, value});
  auto it = p_.used.find(value);
  if (copy == copies_before_.end() && it == p_.used.end()) return false;
  const llvm::APInt& bits = copy != copies_before_.end() ? copy->second : it->second;
  return bits.trunc(std::max(1u, bits.getActiveBits())).isAllOnes();
}

std::string Emitter::CopyRef(char kind, Instruction* leaf, unsigned lo, unsigned width) {
  auto [it, fresh] = copied_.try_emplace({kind, leaf}, llvm::APInt(WidthOf(leaf), 0));
  it->second.setBits(lo, lo + width);
  return Select(Name(kind, leaf), CopyWidth(kind, leaf), lo, width);
}

unsigned Emitter::CopyWidth(char kind, const llvm::Value* leaf) const {
  auto it = copies_before_.find({kind, leaf});
  return it == copies_before_.end() ? p_.UsedWidth(leaf) : std::max(1u, it->second.getActiveBits());
}

std::string Emitter::Select(const std::string& name, unsigned declared, unsigned lo,
                            unsigned width) const {
  if (lo == 0 && width == declared) return name;
  if (declared == 1) return name;
  if (width == 1) return name + "[" + std::to_string(lo) + "]";
  return name + "[" + std::to_string(lo + width - 1) + ":" + std::to_string(lo) + "]";
}

int Emitter::BaseStage(const Instruction& leaf, const PipelinedLoop& loop) {
  const int cycle = loop.cycle.at(&leaf);
  const bool load = isa<llvm::LoadInst>(leaf) && !p_.MemoryOf(leaf).combinational;
  if (p_.BlackBoxOf(leaf) != nullptr) return cycle + p_.LatencyOf(leaf);
  return load ? cycle + 1 : cycle;
}

const Emitter::Interval& Emitter::Kept(const llvm::Value* leaf, int stage, unsigned lo,
                                       unsigned width) {
  for (const Interval& interval : kept_[leaf][stage]) {
    if (interval.lo <= lo && lo + width <= interval.lo + interval.width) return interval;
  }
  Refuse(cast<Instruction>(*leaf),
         "internal error: a value is missing in stage " + std::to_string(stage),
         "report this kernel");
}

std::string Emitter::LoopLeaf(Instruction* leaf, unsigned lo, unsigned width, const Context& at) {
  PipelinedLoop* loop = p_.LoopOf(leaf);
  if (at.loop != loop) {
    live_out_.insert(leaf);
    return CopyRef('o', leaf, lo, width);
  }
  const int base = BaseStage(*leaf, *loop);
  if (at.stage < base)
    Refuse(*leaf, "internal error: a value is used before its stage", "report this kernel");
  if (at.stage > base) {
    if (recording_) {
      uses_[leaf][at.stage].push_back({lo, width});
      return "recording";
    }
    const Interval& kept = Kept(leaf, at.stage, lo, width);
    ids_.try_emplace(leaf, static_cast<int>(ids_.size()));
    const std::string name = "p_" + std::to_string(ids_[leaf]) +
                             (kept.lo == 0 ? "" : "b" + std::to_string(kept.lo)) + "_" +
                             std::to_string(at.stage);
    return Select(name, kept.width, lo - kept.lo, width);
  }
  if (IsPop(leaf)) {
    const Channel& channel = p_.ChannelOf(*leaf);
    auto [it, fresh] = port_bits_.try_emplace(channel.name, llvm::APInt(channel.width, 0));
    it->second.setBits(lo, lo + width);
    return Select(Identifier(channel.name) + "_dout", channel.width, lo, width);
  }
  if (isa<llvm::PHINode>(leaf)) return Select(Name('r', leaf), p_.UsedWidth(leaf), lo, width);
  if (isa<llvm::LoadInst>(leaf) && !p_.MemoryOf(*leaf).combinational)
    return Select(Name('q', leaf), p_.UsedWidth(leaf), lo, width);
  return Select(Name('v', leaf), p_.UsedWidth(leaf), lo, width);
}

std::string Emitter::StateLeaf(Instruction* leaf, unsigned lo, unsigned width, const Context& at) {
  if (isa<llvm::PHINode>(leaf)) return CopyRef('f', leaf, lo, width);
  if (isa<llvm::LoadInst>(leaf) && !p_.MemoryOf(*leaf).combinational)
    return Select(Name('q', leaf), p_.UsedWidth(leaf), lo, width);
  const bool now =
      at.state != nullptr && p_.state_of.at(leaf) == at.state->index && p_.LatencyOf(*leaf) == 0;
  if (now && IsPop(leaf)) {
    const Channel& channel = p_.ChannelOf(*leaf);
    auto [it, fresh] = port_bits_.try_emplace(channel.name, llvm::APInt(channel.width, 0));
    it->second.setBits(lo, lo + width);
    return Select(Identifier(channel.name) + "_dout", channel.width, lo, width);
  }
  if (now) return Select(Name('v', leaf), p_.UsedWidth(leaf), lo, width);
  fsm_kept_.insert(leaf);
  return CopyRef('f', leaf, lo, width);
}

std::string Emitter::LeafRef(llvm::Value* leaf, unsigned lo, unsigned width, const Context& at) {
  if (auto* argument = dyn_cast<llvm::Argument>(leaf)) {
    auto [it, fresh] = argument_bits_.try_emplace(argument, llvm::APInt(WidthOf(argument), 0));
    it->second.setBits(lo, lo + width);
    return Select(Identifier(p_.argument_names[argument->getArgNo()]), WidthOf(argument), lo,
                  width);
  }
  auto* instruction = cast<Instruction>(leaf);
  return p_.LoopOf(instruction) != nullptr ? LoopLeaf(instruction, lo, width, at)
                                           : StateLeaf(instruction, lo, width, at);
}

std::string Emitter::SliceRef(const Slice& s, const Context& at) {
  if (const auto* constant = dyn_cast<llvm::ConstantInt>(s.leaf))
    return HexConstant(constant->getValue());
  if (s.sign_fill) {
    const std::string bit = LeafRef(s.leaf, s.lo, 1, at);
    return s.width == 1 ? bit : "{" + std::to_string(s.width) + "{" + bit + "}}";
  }
  return LeafRef(s.leaf, s.lo, s.width, at);
}

std::string Emitter::Ref(const Slices& slices, const Context& at) {
  if (slices.empty()) return "1'h0";
  if (slices.size() == 1) return SliceRef(slices[0], at);
  const unsigned width = TotalWidth(slices);
  if (slices.size() == 2) {
    const Slice &low = slices[0], &high = slices[1];
    const std::string size = std::to_string(width) + "'(";
    if (IsZero(high)) return size + SliceRef(low, at) + ")";
    if (high.sign_fill && high.leaf == low.leaf && high.lo == low.lo + low.width - 1 &&
        !low.sign_fill) {
      return "$unsigned(" + size + "$signed(" + SliceRef(low, at) + ")))";
    }
  }
  std::string out;
  for (auto s = slices.rbegin(); s != slices.rend(); ++s)
    out += (out.empty() ? "{" : ", ") + SliceRef(*s, at);
  return out + "}";
}

}  // namespace hlsc
