// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Names and small queries that the passes share.
//
// FIFO accesses in the IR:  iN @__hlsc.pop.<kind>.iN(ptr port, i1 predicate)
//                          void @__hlsc.push.<kind>.iN(ptr port, iN value, i1 predicate)
// where kind is one of Channel::Kind. Predicated stores: void @__hlsc.store.iN(iN, ptr, i1).
#ifndef HLSC_IR_UTIL_H_
#define HLSC_IR_UTIL_H_

#include <llvm/IR/Function.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include <optional>
#include <string>

namespace llvm {
class Loop;
}

namespace hlsc {

enum class PortKind { kStream, kReadRequest, kReadData, kWriteRequest, kWriteData, kWriteResponse };
const char* Suffix(PortKind kind);  // of the port's name: "" for streams, "_rreq" …

// The plain name of a C++ function: no namespace, no template arguments.
std::string PlainName(const llvm::Function& function);
std::string CalleeName(const llvm::Value* value);  // empty if not a direct call

bool IsPop(const llvm::Value* value);
bool IsPush(const llvm::Value* value);
inline bool IsAccess(const llvm::Value* value) { return IsPop(value) || IsPush(value); }
PortKind KindOf(const llvm::Instruction& access);
llvm::Value* PortOf(const llvm::Instruction& access);
llvm::Value* PredicateOf(const llvm::Instruction& access);  // also of predicated stores
void SetPredicate(llvm::Instruction& access, llvm::Value* predicate);
unsigned AccessWidth(const llvm::Instruction& access);
bool IsPredicatedStore(const llvm::Value* value);

// Memory accesses: loads, stores and predicated stores.
llvm::Value* PointerOf(const llvm::Instruction& instruction);  // null if none
llvm::Value* StoredValue(const llvm::Instruction& instruction);
inline bool IsStore(const llvm::Instruction& i) {
  return llvm::isa<llvm::StoreInst>(i) || IsPredicatedStore(&i);
}

llvm::Function* PopFunction(llvm::Module& module, PortKind kind, unsigned width);
llvm::Function* PushFunction(llvm::Module& module, PortKind kind, unsigned width);
llvm::Function* StoreFunction(llvm::Module& module, unsigned width);
llvm::Function* PipelineFunction(llvm::Module& module);  // void @__hlsc.pipeline(i32 ii)

// Integers attached to an alloca or a global variable ("hlsc.depth" …).
void SetNote(llvm::Value& object, const char* name, int value);
std::optional<int> GetNote(const llvm::Value& object, const char* name);

inline constexpr char kPipelineNote[] = "hlsc.pipeline.ii";
std::optional<int> PipelineII(const llvm::Loop& loop);

// Where a loop stands: its own first line, for messages and reports.
std::string WhereLoop(const llvm::Loop& loop);
unsigned LoopLine(const llvm::Loop& loop, std::string* file);

inline unsigned WidthOf(const llvm::Value* value) { return value->getType()->getIntegerBitWidth(); }

}  // namespace hlsc

#endif  // HLSC_IR_UTIL_H_
