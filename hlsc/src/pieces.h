// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Wiring: truncations, extensions, constant shifts, masks and concatenations cost nothing in
// hardware and are never computed. Every value is a list of slices of "leaves", values that are.
#ifndef HLSC_PIECES_H_
#define HLSC_PIECES_H_

#include <llvm/IR/Constants.h>
#include <llvm/IR/Instruction.h>
#include <llvm/IR/Value.h>

#include <unordered_map>
#include <vector>

namespace hlsc {

// `width` bits of `leaf` from bit `lo`; with sign_fill, bit `lo` repeated `width` times. A constant
// leaf is a ConstantInt of exactly `width` bits.
struct Slice {
  llvm::Value* leaf;
  unsigned lo;
  unsigned width;
  bool sign_fill = false;
};
using Slices = std::vector<Slice>;  // lowest bits first

class Pieces {
 public:
  const Slices& Of(llvm::Value* value);
  Slices Low(llvm::Value* value, unsigned width);  // the low bits only
  bool IsWiring(const llvm::Value* value);         // an instruction that is never computed

 private:
  bool Expand(llvm::Value* value, Slices* out);
  bool ExpandCall(llvm::Instruction* call, Slices* out);
  bool ExpandOr(llvm::Instruction* instruction, Slices* out);
  bool ExpandMask(llvm::Instruction* instruction, Slices* out);

  std::unordered_map<const llvm::Value*, Slices> cache_;
};

Slices Cut(const Slices& slices, unsigned lo, unsigned width);
unsigned TotalWidth(const Slices& slices);
Slice ZeroSlice(llvm::LLVMContext& context, unsigned width);
bool IsZero(const Slice& slice);

}  // namespace hlsc

#endif  // HLSC_PIECES_H_
