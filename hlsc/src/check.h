// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#ifndef HLSC_CHECK_H_
#define HLSC_CHECK_H_

#include "process.h"

namespace hlsc {

// Divisions by powers of two become shifts; others stay, to be refused.
void LowerDivisions(llvm::Function& function);

// Refuses every operation outside the subset.
void CheckSubset(Process& process);

}  // namespace hlsc

#endif  // HLSC_CHECK_H_
