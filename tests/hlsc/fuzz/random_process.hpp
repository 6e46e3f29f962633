// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// One random process: a function with streams and scalars, its loops, memories and states.
#pragma once

#include <string>
#include <vector>

#include "expression.hpp"

namespace fuzz {

struct Stream {
  std::string name;
  int width;
  bool is_signed;
  // In DATAFLOW: one value in each iteration whose number has no bits of the mask, so that producer
  // and consumer agree. Elsewhere unused.
  int mask = 0;
};

class Process {
 public:
  // `locked`: a single loop of n iterations that reads and writes its streams by their masks, as
  // DATAFLOW needs; otherwise anything.
  Process(Dice& dice, std::string name, std::vector<Stream> inputs, std::vector<Stream> outputs,
          bool locked);

  std::string Source();
  // The most values that one call can read from any of its inputs.
  int max_reads() const { return max_reads_; }

 private:
  struct Memory {
    std::string name;
    Value element;
    int depth;
    bool rom;
    bool written;  // since the loop before the present one
  };

  void Line(const std::string& text) { body_ += std::string(indent_ * 2, ' ') + text + "\n"; }
  void Open(const std::string& text) {
    Line(text);
    ++indent_;
  }
  void Close(const std::string& text = "}") {
    --indent_;
    Line(text);
  }
  std::string Fresh(const std::string& stem) { return stem + std::to_string(next_name_++); }

  void Declarations();
  void FillMemory(const Memory& memory);
  void LoopNest();
  void PipelinedLoop(int outer_trips);
  void SequentialLoop(int outer_trips);
  void LoopHead(const std::string& index, int trips, bool variable);
  void Reads(const std::string& index);
  void Temporaries(const std::string& index);
  void Branches(int depth);
  void MemoryAccess(const std::string& index, int trips, int ii);
  void Lanes();
  void Writes(const std::string& index);
  void EitherWrite(const Stream& stream);
  void Updates();
  std::string Expression(int depth);

  Dice& dice_;
  Expressions expressions_;
  std::string name_;
  std::vector<Stream> inputs_, outputs_;
  bool locked_;
  std::vector<Value> states_;        // carried by loops
  std::vector<Value> forward_;       // of this iteration, from inputs only
  std::vector<Value> mutable_;       // of this iteration, assigned in branches
  std::vector<Value> fresh_inputs_;  // just read
  std::vector<Memory> memories_;
  std::string body_;
  int indent_ = 1;
  int next_name_ = 0;
  int max_reads_ = 0;
};

}  // namespace fuzz
