// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "diagnostics.h"

#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/DebugLoc.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/Instruction.h>

namespace hlsc {
namespace {

bool IsOwnHeader(llvm::StringRef file) {
  for (const char* name : {"ap_int.h", "hls_stream.h", "hls_burst_maxi.h", "hlsc_detail/raw_int.h",
                           "hlsc_detail/ap_refs.h", "hlsc_detail/ap_ops.h"}) {
    if (file.ends_with(name)) return true;
  }
  return false;
}

}  // namespace

std::string Where(const llvm::DebugLoc& location) {
  const llvm::DILocation* at = location.get();
  if (at == nullptr) return "unknown:0";
  while (IsOwnHeader(at->getFilename()) && at->getInlinedAt() != nullptr) at = at->getInlinedAt();
  return at->getFilename().str() + ":" + std::to_string(at->getLine());
}

std::string Where(const llvm::Function& function) {
  const llvm::DISubprogram* program = function.getSubprogram();
  if (program == nullptr) return function.getName().str() + ":0";
  return program->getFilename().str() + ":" + std::to_string(program->getLine());
}

std::string Where(const llvm::Instruction& instruction) {
  if (instruction.getDebugLoc()) return Where(instruction.getDebugLoc());
  // The optimiser drops locations of merged instructions: a user or an operand tells best.
  for (const llvm::User* user : instruction.users()) {
    const auto* other = llvm::dyn_cast<llvm::Instruction>(user);
    if (other != nullptr && other->getDebugLoc()) return Where(other->getDebugLoc());
  }
  for (const llvm::Value* operand : instruction.operands()) {
    const auto* other = llvm::dyn_cast<llvm::Instruction>(operand);
    if (other != nullptr && other->getDebugLoc()) return Where(other->getDebugLoc());
  }
  for (const llvm::Instruction& other : *instruction.getParent()) {
    if (other.getDebugLoc()) return Where(other.getDebugLoc());
  }
  return Where(*instruction.getFunction());
}

void Refuse(const std::string& where, const std::string& what, const std::string& instead) {
  throw Refusal(where + ": error: " + what + "; " + instead);
}
void Refuse(const llvm::Instruction& at, const std::string& what, const std::string& instead) {
  Refuse(Where(at), what, instead);
}
void Refuse(const llvm::Function& at, const std::string& what, const std::string& instead) {
  Refuse(Where(at), what, instead);
}

}  // namespace hlsc
