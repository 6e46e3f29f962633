// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "random_process.hpp"

#include <algorithm>

namespace fuzz {
namespace {

constexpr int kMaxTrips = 24;  // of a loop; also the bound of scalar n

std::string Text(int value) { return std::to_string(value); }

}  // namespace

Process::Process(Dice& dice, std::string name, std::vector<Stream> inputs,
                 std::vector<Stream> outputs, bool locked)
    : dice_(dice),
      expressions_(dice),
      name_(std::move(name)),
      inputs_(std::move(inputs)),
      outputs_(std::move(outputs)),
      locked_(locked) {}

std::string Process::Source() {
  Declarations();
  const int loops = locked_ ? 1 : dice_.Between(1, 3);
  for (int l = 0; l < loops; ++l) LoopNest();
  if (!locked_) {
    for (const Value& state : states_) {
      const Stream& out = outputs_.front();
      Line(out.name + ".write(" + TypeName(out.width, out.is_signed) + "(" + state.code + "));");
    }
  }
  std::string head = (locked_ ? "static void " : "void ") + name_ + "(";
  for (const std::vector<Stream>* list : {&inputs_, &outputs_}) {
    for (const Stream& s : *list) {
      head += "hls::stream<" + TypeName(s.width, s.is_signed) + ">& " + s.name + ", ";
    }
  }
  head += "ap_uint<5> n, ap_int<14> k) {\n";
  return head + body_ + "}\n";
}

void Process::Declarations() {
  const int states = dice_.Between(1, 3);
  for (int i = 0; i < states; ++i) {
    const Value state{Fresh("s"), std::min(dice_.Width(), 48), dice_.Percent(60)};
    Line(TypeName(state) + " " + state.code + " = " + Text(dice_.Between(0, 9)) + ";");
    states_.push_back(state);
  }
  const int memories = dice_.Between(0, 2);
  for (int i = 0; i < memories; ++i) {
    static const std::vector<int> depths = {8, 16, 32, 64};
    Memory memory{Fresh("m"),
                  {"", dice_.Width(), dice_.Percent(50)},
                  dice_.Of(depths),
                  dice_.Percent(25),
                  true};
    const std::string type = TypeName(memory.element);
    if (memory.rom) {
      std::string values;
      for (int d = 0; d < memory.depth; ++d) {
        values += (d == 0 ? "" : ", ") + Text(dice_.Between(-1000, 1000));
      }
      Line("static const " + std::string("short ") + memory.name + "[" + Text(memory.depth) +
           "] = {" + values + "};");
      memory.element = {"", 16, true};
    } else {
      Line(type + " " + memory.name + "[" + Text(memory.depth) + "];");
      const int kind = dice_.Between(0, 9);
      const std::string pragma = "#pragma HLS ARRAY_PARTITION variable = " + memory.name;
      if (kind < 3 && memory.depth <= 16) Line(pragma + " complete");
      if (kind == 4) Line(pragma + " cyclic factor = " + Text(1 << dice_.Between(1, 2)));
      if (kind == 5) Line(pragma + " block factor = " + Text(1 << dice_.Between(1, 2)));
      if (kind == 6) Line("#pragma HLS BIND_STORAGE variable = " + memory.name + " type = ram_2p");
      FillMemory(memory);
    }
    memories_.push_back(memory);
  }
}

void Process::FillMemory(const Memory& memory) {
  const std::string i = Fresh("i");
  Open("for (int " + i + " = 0; " + i + " < " + Text(memory.depth) + "; ++" + i + ") {");
  Line("#pragma HLS PIPELINE II = 1");
  Line(memory.name + "[" + i +
       "] = " + Cast(memory.element, i + " * " + Text(dice_.Between(1, 9999))) + ";");
  Close();
}

std::string Process::Expression(int depth) {
  std::vector<Value> variables = forward_;
  variables.insert(variables.end(), mutable_.begin(), mutable_.end());
  if (dice_.Percent(60)) variables.insert(variables.end(), states_.begin(), states_.end());
  return expressions_.Any(variables, depth).code;
}

void Process::LoopNest() {
  int outer_trips = 1;
  const bool nested = !locked_ && dice_.Percent(35);
  if (nested) {
    outer_trips = dice_.Between(1, 3);
    const std::string o = Fresh("o");
    Open("for (int " + o + " = 0; " + o + " < " + Text(outer_trips) + "; ++" + o + ") {");
    forward_ = {{"k", 14, true}};
    if (dice_.Percent(50)) Line(expressions_.Update(dice_.Of(states_), states_));
    if (dice_.Percent(30)) {
      const Stream& out = dice_.Of(outputs_);
      Line(out.name + ".write(" + TypeName(out.width, out.is_signed) + "(" + states_[0].code +
           " + " + o + "));");
    }
  }
  if (locked_ || dice_.Percent(80)) {
    PipelinedLoop(outer_trips);
  } else {
    SequentialLoop(outer_trips);
  }
  if (nested) Close();
}

void Process::LoopHead(const std::string& index, int trips, bool variable) {
  static const std::vector<std::string> types = {"int", "ap_uint<7>", "ap_int<9>", "unsigned"};
  const std::string bound = variable ? "n" : Text(trips);
  const std::string type = dice_.Of(types);
  Open("for (" + type + " " + index + " = 0; " + index + " < " + bound + "; ++" + index + ") {");
}

void Process::PipelinedLoop(int outer_trips) {
  const std::string index = Fresh("i");
  const bool variable = locked_ || dice_.Percent(40);
  const int trips = variable ? kMaxTrips : dice_.Between(0, kMaxTrips);
  max_reads_ += outer_trips * trips;
  const int ii = dice_.Percent(60) ? 1 : dice_.Between(2, 3);
  LoopHead(index, trips, variable);
  Line("#pragma HLS PIPELINE II = " + Text(ii));
  Reads(index);
  if (!locked_ && dice_.Percent(15) && !fresh_inputs_.empty()) {
    Line("if (" + expressions_.ShallowCondition(fresh_inputs_) + ") " +
         (dice_.Percent(50) ? "continue;" : "break;"));
  }
  Temporaries(index);
  MemoryAccess(index, trips, ii);
  if (dice_.Percent(30)) Lanes();
  Branches(0);
  Writes(index);
  Updates();
  if (!locked_ && dice_.Percent(15) && !fresh_inputs_.empty()) {
    Line("if (" + expressions_.ShallowCondition(fresh_inputs_) + ") break;");
  }
  Close();
}

void Process::SequentialLoop(int outer_trips) {
  const std::string index = Fresh("i");
  const int trips = dice_.Between(0, 6);
  max_reads_ += outer_trips * trips * 2;
  LoopHead(index, trips, false);
  Reads(index);
  Temporaries(index);
  MemoryAccess(index, trips, 16);
  Branches(0);
  Writes(index);
  if (dice_.Percent(40)) {  // more accesses to a stream: allowed outside of pipelines
    const Stream& in = dice_.Of(inputs_);
    Line(states_[0].code + " = " + Cast(states_[0], in.name + ".read()") + ";");
    Writes(index);
  }
  Updates();
  Close();
}

void Process::Reads(const std::string& index) {
  forward_ = {{"k", 14, true}};
  mutable_.clear();
  fresh_inputs_.clear();
  const Value position{"p" + index, 8, false};
  Line("const " + TypeName(position) + " " + position.code + " = " + Cast(position, index) + ";");
  for (const Stream& in : inputs_) {
    const Value x{Fresh("x"), in.width, in.is_signed};
    if (locked_ ? in.mask == 0 : dice_.Percent(60)) {
      Line("const " + TypeName(x) + " " + x.code + " = " + in.name + ".read();");
    } else {
      const std::string condition = locked_ ? "(int(" + index + ") & " + Text(in.mask) + ") == 0"
                                    : fresh_inputs_.empty() || dice_.Percent(30)
                                        ? "(int(" + index + ") & 3) == " + Text(dice_.Between(0, 3))
                                        : expressions_.ShallowCondition(fresh_inputs_);
      Line(TypeName(x) + " " + x.code + " = " + Text(dice_.Between(0, 1)) + ";");
      Line("if (" + condition + ") " + x.code + " = " + in.name + ".read();");
    }
    forward_.push_back(x);
    fresh_inputs_.push_back(x);
  }
  forward_.push_back(position);
}

void Process::Temporaries(const std::string&) {
  const int count = dice_.Between(1, 3);
  for (int i = 0; i < count; ++i) {
    const Value t{Fresh("t"), dice_.Width(), dice_.Percent(60)};
    Line("const " + TypeName(t) + " " + t.code + " = " + Cast(t, Expression(dice_.Between(1, 3))) +
         ";");
    // A temporary may depend on states; it does not go back into them (Updates).
    mutable_.push_back(t);
  }
}

void Process::Branches(int depth) {
  const int count = dice_.Between(0, 2);
  for (int i = 0; i < count; ++i) {
    const Value v{Fresh("v"), dice_.Width(), dice_.Percent(60)};
    if (depth == 0) Line(TypeName(v) + " " + v.code + " = " + Cast(v, Expression(1)) + ";");
    if (depth == 0) mutable_.push_back(v);
    const Value& target = mutable_.back();
    if (depth > 0 && target.code[0] != 'v') return;
    Open("if (" + expressions_.Condition(mutable_) + ") {");
    Line(target.code + " = " + Cast(target, Expression(2)) + ";");
    if (depth < 2 && dice_.Percent(30)) Branches(depth + 1);
    if (dice_.Percent(60)) {
      Close("} else {");
      ++indent_;
      Line(target.code + (dice_.Percent(50) ? " = " : " ^= ") + Cast(target, Expression(1)) + ";");
      if (depth < 2 && dice_.Percent(20)) Branches(depth + 1);
    }
    Close();
  }
}

void Process::MemoryAccess(const std::string& index, int trips, int ii) {
  for (const Memory& memory : memories_) {
    const std::string mask = "int(" + index + ") & " + Text(memory.depth - 1);
    const Value& address = dice_.Of(fresh_inputs_.empty() ? forward_ : fresh_inputs_);
    int bits = 0;
    while ((1 << bits) < memory.depth) ++bits;
    const std::string random = "ap_uint<" + Text(bits) + ">(" + address.code + ")";
    const Value r{Fresh("r"), memory.element.width, memory.element.is_signed};
    const std::string read = "const " + TypeName(r) + " " + r.code + " = " + memory.name;
    const int kind = memory.rom ? 0 : dice_.Between(0, 4);
    if (kind <= 1) {  // reads only, anywhere
      Line(read + "[" + (dice_.Percent(60) ? random : mask) + "];");
      mutable_.push_back(r);
    } else if (kind == 2) {  // writes only, anywhere
      const std::string store =
          memory.name + "[" + random + "] = " + Cast(memory.element, Expression(1)) + ";";
      Line(dice_.Percent(50) ? store : "if (" + expressions_.Condition(forward_) + ") " + store);
    } else if (kind == 3 && trips <= memory.depth) {  // each element once: no dependence
      Line(read + "[" + index + "];");
      Line(memory.name + "[" + index +
           "] = " + Cast(memory.element, r.code + " + " + dice_.Of(forward_).code) + ";");
      mutable_.push_back(r);
    } else if (ii >= 3) {  // read-modify-write
      Line(read + "[" + random + "];");
      Line(memory.name + "[" + random +
           "] = " + Cast(memory.element, r.code + " ^ " + dice_.Of(forward_).code) + ";");
    }
  }
}

void Process::Lanes() {
  const Value& word = dice_.Of(forward_);
  const int lanes = dice_.Between(2, 4);
  const int width = word.width / lanes;
  if (width < 1) return;
  const Value sum{Fresh("v"), std::min(width + 8, 60), dice_.Percent(70)};
  Line(TypeName(sum) + " " + sum.code + " = 0;");
  Open("for (int l = 0; l < " + Text(lanes) + "; ++l) {");
  Line("#pragma HLS UNROLL");
  const Value lane{"lane", width, dice_.Percent(50)};
  Line("const " + TypeName(lane) + " lane = ap_uint<" + Text(width) + ">(" + word.code + ".range(" +
       Text(width) + " * l + " + Text(width - 1) + ", " + Text(width) + " * l));");
  Line(sum.code + " += lane * ap_int<4>(l - " + Text(dice_.Between(0, 4)) + ");");
  Close();
  mutable_.push_back(sum);
}

void Process::EitherWrite(const Stream& out) {
  const std::string type = TypeName(out.width, out.is_signed);
  Open("if (" + expressions_.Condition(mutable_) + ") {");
  Line(out.name + ".write(" + type + "(" + Expression(2) + "));");
  Close("} else {");
  ++indent_;
  Line(out.name + ".write(" + type + "(" + Expression(1) + "));");
  Close();
}

void Process::Writes(const std::string& index) {
  for (const Stream& out : outputs_) {
    const std::string write =
        out.name + ".write(" + TypeName(out.width, out.is_signed) + "(" + Expression(2) + "));";
    if (locked_) {
      Line(out.mask == 0 ? write
                         : "if ((int(" + index + ") & " + Text(out.mask) + ") == 0) " + write);
    } else if (dice_.Percent(15)) {
      EitherWrite(out);
    } else {
      Line(dice_.Percent(60) ? write : "if (" + expressions_.Condition(mutable_) + ") " + write);
    }
  }
}

void Process::Updates() {
  for (const Value& state : states_) {
    if (dice_.Percent(80))
      Line(expressions_.Update(state, fresh_inputs_.empty() ? forward_ : fresh_inputs_));
  }
}

}  // namespace fuzz
