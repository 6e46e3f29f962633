// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Marker calls of the headers and of rewritten pragmas: found, checked, turned into metadata or
// into FIFO accesses, and removed.
#ifndef HLSC_MARKERS_H_
#define HLSC_MARKERS_H_

#include <llvm/IR/Function.h>

#include <vector>

#include "prepare.h"

namespace hlsc {

void CheckLoopMarkers(llvm::Function& function);  // PIPELINE and UNROLL stand in loops
void TakeVariableMarkers(llvm::Function& function, std::vector<InterfacePragma>& interfaces);
bool TakeDataflowMarker(llvm::Function& function);
void ResolveAliases(llvm::Function& function);        // copies of a burst_maxi are the original
void ReplaceAccessMarkers(llvm::Function& function);  // reads and writes of streams and memory
void TakeLoopMarkers(llvm::Function& function);
void RestorePipelines(llvm::Function& function);  // after optimisation
void MakeScalarBlackBox(llvm::Function& function);

}  // namespace hlsc

#endif  // HLSC_MARKERS_H_
