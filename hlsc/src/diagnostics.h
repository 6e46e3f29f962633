// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Refusals: every construct outside the subset ends compilation with one line,
// "file:line: error: <what>; <what to write instead>".
#ifndef HLSC_DIAGNOSTICS_H_
#define HLSC_DIAGNOSTICS_H_

#include <stdexcept>
#include <string>

namespace llvm {
class DebugLoc;
class Function;
class Instruction;
}  // namespace llvm

namespace hlsc {

class Refusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// "file:line" of the user's own source; headers of hlsc are skipped in favour of their caller.
std::string Where(const llvm::DebugLoc& location);
std::string Where(const llvm::Instruction& instruction);
std::string Where(const llvm::Function& function);

[[noreturn]] void Refuse(const std::string& where, const std::string& what,
                         const std::string& instead);
[[noreturn]] void Refuse(const llvm::Instruction& at, const std::string& what,
                         const std::string& instead);
[[noreturn]] void Refuse(const llvm::Function& at, const std::string& what,
                         const std::string& instead);

}  // namespace hlsc

#endif  // HLSC_DIAGNOSTICS_H_
