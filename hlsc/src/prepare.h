// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// From clang's unoptimised IR to processes in a simple form: everything inlined but the dataflow
// processes, pragmas as metadata, markers as FIFO accesses that carry their value and a predicate.
#ifndef HLSC_PREPARE_H_
#define HLSC_PREPARE_H_

#include <llvm/IR/Module.h>

#include <set>
#include <string>
#include <vector>

namespace hlsc {

struct InterfacePragma {
  std::string mode, port, bundle, where;
};

struct Prepared {
  llvm::Function* top = nullptr;
  bool dataflow = false;
  std::vector<llvm::Function*> processes;  // functions to compile, in order of the first call
  std::vector<InterfacePragma> interfaces;
};

// C functions that RTL black boxes stand for are left as calls.
Prepared Prepare(llvm::Module& module, const std::string& source, const std::string& top,
                 const std::set<std::string>& black_boxes);

}  // namespace hlsc

#endif  // HLSC_PREPARE_H_
