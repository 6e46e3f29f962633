// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "delay.h"

#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

#include <algorithm>
#include <cmath>

namespace hlsc {

double Delays::Multiplexer(unsigned inputs) const {
  // A LUT6 is a 4:1 multiplexer.
  return inputs <= 1 ? 0.0 : kLut * std::ceil(std::log2(static_cast<double>(inputs)) / 2.0);
}

double Delays::Shifter(unsigned places) const {
  // A stage for each bit of the amount, of which synthesis puts only some pairs into a LUT.
  return places <= 1 ? 0.0 : 0.75 * kLut * std::ceil(std::log2(static_cast<double>(places)));
}

double Delays::Equal(unsigned inputs) const {
  double delay = kLut;
  for (unsigned reach = 6; reach < inputs; reach *= 6) delay += kLut;
  return delay;
}

int Delays::MultiplierCycles(unsigned a, unsigned b) const {
  const unsigned large = std::max(a, b), small = std::min(a, b);
  if (small <= 2) return 0;
  const unsigned blocks = ((large + 25) / 26) * ((small + 16) / 17);  // DSP48E2: 27 × 18 signed
  if (Multiplier(a, b) + Register() <= budget_) return 0;
  return 1 + static_cast<int>(std::ceil(std::log2(static_cast<double>(blocks))));
}

double Delays::Multiplier(unsigned a, unsigned b) const {
  const unsigned large = std::max(a, b), small = std::min(a, b);
  const unsigned blocks = ((large + 25) / 26) * ((small + 16) / 17);
  return 2.0 + 1.2 * std::ceil(std::log2(static_cast<double>(blocks)));
}

double Delays::Of(const llvm::Instruction& instruction, unsigned used, unsigned a,
                  unsigned b) const {
  const unsigned wide = std::max(a, b);
  switch (instruction.getOpcode()) {
    case llvm::Instruction::Add:
    case llvm::Instruction::Sub:
      return Adder(used);
    case llvm::Instruction::Mul:
      if (std::min(a, b) <= 2) return Adder(used);
      return MultiplierCycles(a, b) == 0 ? Multiplier(a, b) : 0.0;
    case llvm::Instruction::ICmp:
      return 0.35 + 0.010 * wide;  // a carry chain
    case llvm::Instruction::And:
    case llvm::Instruction::Or:
    case llvm::Instruction::Xor:
      return used == 1 ? 0.18 : kLut;
    case llvm::Instruction::Select:
      return used == 1 ? 0.2 : used > 64 ? kLut + 0.15 : kLut;
    case llvm::Instruction::Shl:
    case llvm::Instruction::LShr:
    case llvm::Instruction::AShr:
      return Shifter(std::min(1u << std::min(b, 20u), a));
    case llvm::Instruction::Call:
      if (const auto* intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction)) {
        switch (intrinsic->getIntrinsicID()) {
          case llvm::Intrinsic::ctlz:
          case llvm::Intrinsic::cttz:
            return kLut * std::ceil(std::log2(static_cast<double>(std::max(a, 2u))));
          case llvm::Intrinsic::ctpop:
            return 1.2 * kLut * std::ceil(std::log2(static_cast<double>(std::max(a, 2u))));
          case llvm::Intrinsic::fshl:
          case llvm::Intrinsic::fshr:
            return Shifter(a) + kLut;
          default:
            return Adder(wide) + kLut;  // min, max, abs, saturating arithmetic
        }
      }
      return 0.0;
    default:
      return 0.0;
  }
}

}  // namespace hlsc
