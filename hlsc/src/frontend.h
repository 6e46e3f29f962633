// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// From C++ source to LLVM IR: clang preprocesses, pragmas become marker calls, clang compiles.
#ifndef HLSC_FRONTEND_H_
#define HLSC_FRONTEND_H_

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <memory>
#include <string>
#include <vector>

namespace hlsc {

struct FrontendOptions {
  std::string source;
  std::string work_dir;               // for intermediate files
  std::vector<std::string> includes;  // -I
  std::vector<std::string> defines;   // -D
  std::string dependency_file;        // make rules for build systems; empty: none
  std::string dependency_target;
};

// Throws Refusal if clang does; clang's own messages have then gone to stderr.
std::unique_ptr<llvm::Module> CompileToIr(const FrontendOptions& options,
                                          llvm::LLVMContext& context);

}  // namespace hlsc

#endif  // HLSC_FRONTEND_H_
