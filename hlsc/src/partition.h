// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#ifndef HLSC_PARTITION_H_
#define HLSC_PARTITION_H_

#include <llvm/IR/Function.h>

#include "passes.h"

namespace hlsc {

// ARRAY_PARTITION: an array becomes several, and every access goes to the one that holds its
// element. Where that is not known at compile time, all are read and one is chosen.
void PartitionArrays(llvm::Function& function, Passes& passes);

}  // namespace hlsc

#endif  // HLSC_PARTITION_H_
