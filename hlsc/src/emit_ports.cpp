// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The module around loops and controller: ports, FIFO handshakes, memories.
#include <llvm/IR/Constants.h>

#include <functional>

#include "diagnostics.h"
#include "emitter.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::Instruction;
using llvm::isa;

namespace {

std::string Join(const std::vector<std::string>& items, const std::string& with,
                 const std::string& none) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : with) + item;
  return out.empty() ? none : out;
}

// An UltraRAM: words that it has, and bits of each.
constexpr unsigned kUltraWords = 4096, kUltraBits = 72;

// What synthesis shall make an array of. A ROM that is read into a register is block RAM, however
// many read it: what synthesis chooses by itself changes with their number. A RAM that fills
// UltraRAMs is made of them.
std::string StyleOf(const Memory& memory) {
  if (memory.combinational) return "";
  const std::string kind = memory.rom ? "rom_style" : "ram_style";
  const auto style = [&](const char* value) { return "(* " + kind + " = \"" + value + "\" *) "; };
  switch (memory.style) {
    case RamStyle::kLut:
      return style("distributed");
    case RamStyle::kBlock:
      return style("block");
    case RamStyle::kUltra:
      return style("ultra");
    case RamStyle::kAuto:
      break;
  }
  if (memory.rom) return style("block");
  return memory.depth >= kUltraWords && memory.width >= kUltraBits ? style("ultra") : "";
}

}  // namespace

Emitter::Emitter(Process& process) : p_(process) {}

void Emitter::Declare(char kind, const llvm::Value* value, unsigned width,
                      const std::string& suffix) {
  const std::string name = Name(kind, value) + suffix;
  if (!declared_.insert(name).second) return;
  decl_ << "  logic " << Range(width) << name << ";\n";
  register_bits_ += width;
}

Emitter::Context Emitter::ContextOf(Instruction& access) {
  if (PipelinedLoop* loop = p_.LoopOf(&access)) return {loop, loop->cycle.at(&access), nullptr};
  for (const State& state : p_.states) {
    if (state.index == p_.state_of.at(&access)) return {nullptr, 0, &state};
  }
  return {};
}

// True while the access waits to take place; with `enabled`, in the cycle in which it does.
std::string Emitter::Site(Instruction& access, bool enabled) {
  const Context at = ContextOf(access);
  if (at.loop == nullptr) {
    const std::string when = enabled ? Fire(*at.state) : InState(at.state->index);
    const std::string predicate = IsPredicatedStore(&access) ? Predicate(access, at) : "";
    return predicate.empty() ? when : "(" + when + " & " + predicate + ")";
  }
  const bool predicated = IsAccess(&access) || IsPredicatedStore(&access);
  const std::string predicate = predicated ? Predicate(access, at) : "";
  const std::string when = enabled ? Go(*at.loop, at.stage) : Valid(*at.loop, at.stage);
  return predicate.empty() ? when : "(" + when + " & " + predicate + ")";
}

void Emitter::EmitChannels() {
  body_ << "\n  // FIFO ports.\n";
  for (const auto& channel : p_.channels) {
    const std::string port = Identifier(channel->name);
    std::vector<std::string> enables;
    std::string data;
    std::vector<Instruction*> accesses;
    for (llvm::BasicBlock& block : p_.function) {
      for (Instruction& i : block) {
        if (IsAccess(&i) && &p_.ChannelOf(i) == channel.get()) accesses.push_back(&i);
      }
    }
    for (size_t k = 0; k < accesses.size(); ++k) {
      enables.push_back(Site(*accesses[k], true));
      if (!channel->output) continue;
      const std::string value =
          Ref(p_.pieces.Of(accesses[k]->getOperand(1)), ContextOf(*accesses[k]));
      data += k + 1 < accesses.size() ? Site(*accesses[k], false) + " ? " + value + " : " : value;
    }
    if (channel->output) {
      body_ << "  assign " << port << "_write = " << Join(enables, " | ", "1'b0") << ";\n  assign "
            << port << "_din = " << data << ";\n";
    } else {
      body_ << "  assign " << port << "_read = " << Join(enables, " | ", "1'b0") << ";\n";
    }
  }
  body_ << "  assign ap_stall_in = " << Join(stall_in_, " | ", "1'b0")
        << ";\n  assign ap_stall_out = " << Join(stall_out_, " | ", "1'b0") << ";\n";
}

void Emitter::EmitMemoryInit(const Memory& memory) {
  const auto* global = dyn_cast<llvm::GlobalVariable>(memory.base);
  if (global == nullptr) return;
  std::ostringstream words;
  unsigned next = 0;
  std::function<void(const llvm::Constant*)> visit = [&](const llvm::Constant* constant) {
    if (!constant->getType()->isAggregateType()) {
      const auto* word = dyn_cast<llvm::ConstantInt>(constant);
      if (word == nullptr && !constant->isNullValue()) {
        Refuse(p_.function, "initial value of '" + memory.name + "'", "use integers");
      }
      const llvm::APInt value = word == nullptr ? llvm::APInt(memory.width, 0)
                                                : word->getValue().zextOrTrunc(memory.width);
      words << "    " << memory.name << "_mem[" << next++
            << "] = " << HexConstant(value.trunc(memory.used_width)) << ";\n";
      return;
    }
    for (unsigned i = 0;; ++i) {
      const llvm::Constant* element = constant->getAggregateElement(i);
      if (element == nullptr) break;
      visit(element);
    }
  };
  visit(global->getInitializer());
  body_ << "  initial begin\n" << words.str() << "  end\n";
}

// Several loops or states write: the k-th store of each shares write port k.
void Emitter::EmitCentralWrites(const Memory& memory) {
  std::vector<std::vector<std::vector<Instruction*>>> regions;  // region, port, stores
  std::map<const void*, size_t> region_of;
  for (Instruction* store : memory.stores) {
    PipelinedLoop* loop = p_.LoopOf(store);
    auto [it, fresh] = region_of.try_emplace(loop, regions.size());
    if (fresh) regions.emplace_back();
    auto& ports = regions[it->second];
    bool placed = false;
    for (auto& port : ports) {
      bool shares = true;  // all in the controller, or never in the same iteration
      for (Instruction* other : port)
        shares &= loop == nullptr || p_.exclusive.Never(*store, *other);
      if (shares && !placed) {
        port.push_back(store);
        placed = true;
      }
    }
    if (!placed) ports.push_back({store});
  }
  size_t most = 0;
  for (const auto& region : regions) most = std::max(most, region.size());
  clocked_ << "      begin : " << memory.name << "_write\n";
  for (size_t port = 0; port < most; ++port) {
    const char* before = "        ";
    for (const auto& region : regions) {
      if (port >= region.size()) continue;
      for (Instruction* store : region[port]) {
        const Context at = ContextOf(*store);
        clocked_ << before << "if (" << Site(*store, true) << ") " << memory.name << "_mem["
                 << AddressRef(*store, at)
                 << "] <= " << Ref(p_.pieces.Low(StoredValue(*store), memory.used_width), at)
                 << ";\n";
        before = "        else ";
      }
    }
  }
  clocked_ << "      end\n";
}

void Emitter::EmitMemories() {
  for (const auto& memory : p_.memories) {
    if (memory->used_width == 0) continue;
    decl_ << "  " << StyleOf(*memory) << "logic " << Range(memory->used_width) << memory->name
          << "_mem [0:" << std::max(memory->depth, 2u) - 1 << "];\n";
    EmitMemoryInit(*memory);
    if (memory->central) EmitCentralWrites(*memory);
  }
}

std::string Emitter::Ports() const {
  std::ostringstream out;
  out << "  input  logic ap_clk,\n  input  logic ap_rst,\n  input  logic ap_start,\n  output logic "
         "ap_done,\n"
         "  output logic ap_idle,\n  output logic ap_ready,\n  input  logic ap_continue,\n"
         "  output logic ap_stall_in,\n  output logic ap_stall_out";
  for (const llvm::Argument& argument : p_.function.args()) {
    if (!argument.getType()->isIntegerTy()) continue;
    out << ",\n  input  logic " << Range(WidthOf(&argument))
        << Identifier(p_.argument_names[argument.getArgNo()]);
  }
  for (const auto& channel : p_.channels) {
    const std::string port = Identifier(channel->name);
    if (channel->output) {
      out << ",\n  output logic " << Range(channel->width) << port << "_din,\n  input  logic "
          << port << "_full_n,\n  output logic " << port << "_write";
    } else {
      if (channel->kind != PortKind::kWriteResponse)
        out << ",\n  input  logic " << Range(channel->width) << port << "_dout";
      out << ",\n  input  logic " << port << "_empty_n,\n  output logic " << port << "_read";
    }
  }
  return out.str();
}

// Bits of the inputs that the program does not look at.
void Emitter::EmitUnused() {
  std::vector<std::string> items;
  const auto add = [&](const std::string& name, const llvm::APInt& used) {
    const unsigned width = used.getBitWidth();
    for (unsigned at = 0; at < width;) {
      unsigned end = at + 1;
      while (end < width && used[end] == used[at]) ++end;
      if (!used[at]) items.push_back(Select(name, width, at, end - at));
      at = end;
    }
  };
  for (const llvm::Argument& argument : p_.function.args()) {
    if (!argument.getType()->isIntegerTy()) continue;
    auto it = argument_bits_.find(&argument);
    add(Identifier(p_.argument_names[argument.getArgNo()]),
        it == argument_bits_.end() ? llvm::APInt(WidthOf(&argument), 0) : it->second);
  }
  for (const auto& channel : p_.channels) {
    if (channel->output || channel->kind == PortKind::kWriteResponse) continue;
    auto it = port_bits_.find(channel->name);
    add(Identifier(channel->name) + "_dout",
        it == port_bits_.end() ? llvm::APInt(channel->width, 0) : it->second);
  }
  if (items.empty()) return;
  body_ << "\n  logic unused_inputs;\n  assign unused_inputs = ^{" << Join(items, ", ", "")
        << "};\n";
}

// All registers of the process in one block, behind one guard: a simulator passes over a process
// that waits in a single branch. The guard follows from those inside, so synthesis needs none.
void Emitter::EmitClocked() {
  decl_ << "  logic ap_moves;\n";
  std::string moves, empty;
  for (const std::string& go : moves_) moves += go + " | ";
  for (const auto& loop : p_.loops) empty += "~l" + std::to_string(loop->index) + "_busy & ";
  // The controller moves unless it waits for ap_start, or for the loop that is not empty.
  body_ << "\n  // Whether anything moves in this cycle.\n`ifdef SYNTHESIS\n  assign ap_moves = "
           "1'b1;\n`else\n  assign ap_moves = "
        << moves << "~state_q[" << StateBits() - 2 << "] | (" << empty
        << "(ap_start | ~ap_idle));\n`endif\n  always_ff @(posedge ap_clk) begin : registers\n"
           "    if (ap_rst | ap_moves) begin\n"
        << clocked_.str() << valid_bits_.str() << "    end\n  end\n";
}

void Emitter::Pass() {
  decl_.str("");
  body_.str("");
  clocked_.str("");
  valid_bits_.str("");
  moves_.clear();
  declared_.clear();
  stall_in_.clear();
  stall_out_.clear();
  register_bits_ = 0;
  copies_before_ = std::move(copied_);
  copied_.clear();
  for (auto& loop : p_.loops) EmitLoop(*loop);
  EmitMemories();
  EmitController();
  EmitChannels();
  EmitClocked();
  if (!recording_) EmitUnused();
}

std::string Emitter::Module() {
  // What one pass records (values that live on behind a loop, their width) the next one uses.
  for (int pass = 0; pass < 3; ++pass) {
    uses_.clear();
    Pass();
  }
  MergeIntervals();
  recording_ = false;
  Pass();
  std::ostringstream out;
  out << "// Process '" << p_.name << "', compiled by hlsc.\nmodule " << p_.name << " (\n"
      << Ports() << "\n);\n"
      << decl_.str();
  for (const auto& [name, text] : functions_) out << "\n" << text;
  out << "\n" << body_.str() << "endmodule\n";
  return out.str();
}

}  // namespace hlsc
