// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// LLVM's own passes, in the selections that hlsc uses.
#ifndef HLSC_PASSES_H_
#define HLSC_PASSES_H_

#include <llvm/IR/Module.h>
#include <llvm/IR/PassManager.h>

#include <memory>

namespace hlsc {

class Passes {
 public:
  Passes();
  ~Passes();
  void InlineAlways(llvm::Module& module);
  void PromoteVariables(llvm::Function& function);  // locals to SSA values
  void Optimise(llvm::Module& module);              // O2 without vectorising and library calls
  void Canonicalise(llvm::Function& function);      // no switches, loops in simplified form
  void CleanUp(llvm::Function& function);           // combine, common subexpressions, dead code
  llvm::FunctionAnalysisManager& analyses();
  void Invalidate(llvm::Function& function);

 private:
  struct Managers;
  std::unique_ptr<Managers> managers_;
};

}  // namespace hlsc

#endif  // HLSC_PASSES_H_
