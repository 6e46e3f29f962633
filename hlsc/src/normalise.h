// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#ifndef HLSC_NORMALISE_H_
#define HLSC_NORMALISE_H_

#include <llvm/IR/Function.h>

namespace hlsc {

// Makes memory accesses whole words of whole bytes: an access to _BitInt(65) becomes one of 128
// bits (its size in memory), a copy of an object becomes a load and a store. LLVM can then turn
// local variables into values.
void NormaliseMemory(llvm::Function& function);

}  // namespace hlsc

#endif  // HLSC_NORMALISE_H_
