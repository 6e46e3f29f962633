// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Multipliers of LUTs: products become chains of additions, which the scheduler puts into stages
// like any others.
#ifndef HLSC_MULTIPLY_H_
#define HLSC_MULTIPLY_H_

#include <llvm/IR/Function.h>

namespace hlsc {

// Replaces every multiplication. By a constant: its signed digits. Otherwise the multiplier's
// digits of two bits, from the lowest on: each adds 0, 1, 2 or 3 times the multiplicand to what is
// left of the digits before, in one LUT a bit with its carry chain.
void ExpandMultiplications(llvm::Function& function);

// Whether a call is such a step: the sum of operand 0 and, by the digit in operand 4, 0 or operand
// 1 (once), 2 (twice) or 3 (three times).
bool IsDigitStep(const llvm::Value& value);

}  // namespace hlsc

#endif  // HLSC_MULTIPLY_H_
