// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The delay model: nanoseconds of an operation, by kind and width, on an UltraScale+ device of
// speed grade -2. The figures are assumptions in the range of public data sheets (LUT6 with local
// routing, CARRY8, block RAM clock-to-out, DSP48E2); docs/hlsc.md lists them.
#ifndef HLSC_DELAY_H_
#define HLSC_DELAY_H_

#include <llvm/IR/Instruction.h>

#include <algorithm>

namespace hlsc {

class Delays {
 public:
  explicit Delays(double clock_mhz)
      : clock_mhz_(clock_mhz), budget_(1000.0 / clock_mhz * (1.0 - kUncertainty)) {}

  double Budget() const { return budget_; }
  // For what a loop carries at its II, when it does not fit otherwise.
  double CarriedBudget() const { return 1000.0 / clock_mhz_ * (1.0 - kUncertainty / 2); }
  double clock_mhz() const { return clock_mhz_; }
  double Register() const { return 0.1; }
  double FifoOutput() const { return 0.5; }
  double MemoryOutput() const { return 0.9; }
  double MemoryAddress() const { return 0.5; }  // of block RAM
  double Multiplexer(unsigned inputs) const;    // reading `inputs` registers by an index

  double Shifter(unsigned places) const;  // shifting by less than `places`
  double Equal(unsigned inputs) const;    // an equation over so many bits
  // `used` is the number of result bits that anybody looks at; a and b the operands' widths.
  double Of(const llvm::Instruction& instruction, unsigned used, unsigned a, unsigned b) const;
  // Extra cycles of a multiplication that is too large for one.
  int MultiplierCycles(unsigned a, unsigned b) const;
  double Multiplier(unsigned a, unsigned b) const;  // without registers
  double NextState() const { return 3 * kLut; }     // of a controller, from a branch's condition
  double Adder(unsigned width) const { return 0.40 + 0.010 * width; }
  // Of a multiplier in LUTs (multiply.h): an adder whose operands are chosen, however short.
  double DigitStep(unsigned width) const { return std::max(0.48, Adder(width)); }

 private:
  static constexpr double kUncertainty = 0.27;  // of the period, left for routing and clock skew
  static constexpr double kLut = 0.38;
  double clock_mhz_;
  double budget_;
};

}  // namespace hlsc

#endif  // HLSC_DELAY_H_
