// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// If-conversion: the body of every pipelined loop becomes one block, in which FIFO accesses and
// stores carry a predicate and values of branches are selected.
#ifndef HLSC_IFCONVERT_H_
#define HLSC_IFCONVERT_H_

#include <llvm/IR/Function.h>

#include <set>
#include <utility>

#include "passes.h"

namespace hlsc {

// Accesses that came from blocks of which neither reaches the other never both happen in one
// iteration. Each access has the note "hlsc.block"; the pairs are those of exclusive blocks.
struct Exclusive {
  std::set<std::pair<int, int>> pairs;
  int next_block = 0;
  bool Never(const llvm::Instruction& a, const llvm::Instruction& b) const;
};

void ConvertPipelinedLoops(llvm::Function& function, Passes& passes, Exclusive* exclusive);

// Turns linear chains of associative operations into balanced trees; a value that a loop carries
// enters last, so that the recurrence stays one operation long.
void BalanceTrees(llvm::Function& function);

// Takes conditions out of the carried part of counters; last of all, since LLVM would undo it.
void ShortenRecurrences(llvm::Function& function);

}  // namespace hlsc

#endif  // HLSC_IFCONVERT_H_
