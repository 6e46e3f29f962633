// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "ir_util.h"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Metadata.h>
#include <llvm/Transforms/Utils/LoopUtils.h>

#include <cstdlib>

#include "diagnostics.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;

namespace {

constexpr const char* kKinds[] = {"stream", "rreq", "rdata", "wreq", "wdata", "wresp"};

llvm::Function* Declare(llvm::Module& module, const std::string& name, llvm::FunctionType* type,
                        bool memory_of_argument) {
  auto* function = cast<llvm::Function>(module.getOrInsertFunction(name, type).getCallee());
  function->setDoesNotThrow();
  function->addFnAttr(llvm::Attribute::WillReturn);
  function->addFnAttr(llvm::Attribute::NoCallback);
  function->addFnAttr(llvm::Attribute::NoFree);
  if (memory_of_argument) {
    function->setMemoryEffects(llvm::MemoryEffects::argMemOnly(llvm::ModRefInfo::Mod));
  } else {
    function->setMemoryEffects(llvm::MemoryEffects::inaccessibleMemOnly());
    function->addFnAttr(llvm::Attribute::Convergent);
  }
  for (unsigned i = 0; i < type->getNumParams(); ++i) {
    if (type->getParamType(i)->isPointerTy()) function->addParamAttr(i, llvm::Attribute::NoCapture);
  }
  return function;
}

}  // namespace

const char* Suffix(PortKind kind) {
  static constexpr const char* kSuffixes[] = {"", "_rreq", "_rdata", "_wreq", "_wdata", "_wresp"};
  return kSuffixes[static_cast<int>(kind)];
}

std::string PlainName(const llvm::Function& function) {
  if (const llvm::DISubprogram* program = function.getSubprogram()) {
    const std::string name = program->getName().str();
    return name.substr(0, name.find('<'));
  }
  llvm::ItaniumPartialDemangler demangler;  // declarations without debug information
  const std::string mangled = function.getName().str();
  if (demangler.partialDemangle(mangled.c_str())) return mangled;
  char* text = demangler.getFunctionBaseName(nullptr, nullptr);
  const std::string name = text == nullptr ? mangled : text;
  std::free(text);
  return name.substr(0, name.find('<'));
}

std::string CalleeName(const llvm::Value* value) {
  const auto* call = dyn_cast<llvm::CallInst>(value);
  const llvm::Function* callee = call == nullptr ? nullptr : call->getCalledFunction();
  return callee == nullptr ? "" : callee->getName().str();
}

bool IsPop(const llvm::Value* value) { return CalleeName(value).rfind("__hlsc.pop.", 0) == 0; }
bool IsPush(const llvm::Value* value) { return CalleeName(value).rfind("__hlsc.push.", 0) == 0; }
bool IsPredicatedStore(const llvm::Value* value) {
  return CalleeName(value).rfind("__hlsc.store.", 0) == 0;
}

PortKind KindOf(const llvm::Instruction& access) {
  const std::string name = CalleeName(&access);
  const size_t start = name.find('.', 8) + 1;
  const std::string kind = name.substr(start, name.find('.', start) - start);
  for (int k = 0; k < 6; ++k) {
    if (kind == kKinds[k]) return static_cast<PortKind>(k);
  }
  return PortKind::kStream;
}

llvm::Value* PortOf(const llvm::Instruction& access) { return access.getOperand(0); }

llvm::Value* PredicateOf(const llvm::Instruction& access) {
  const auto& call = cast<llvm::CallInst>(access);
  return call.getArgOperand(call.arg_size() - 1);
}
void SetPredicate(llvm::Instruction& access, llvm::Value* predicate) {
  auto& call = cast<llvm::CallInst>(access);
  call.setArgOperand(call.arg_size() - 1, predicate);
}
unsigned AccessWidth(const llvm::Instruction& access) {
  return IsPop(&access) ? WidthOf(&access) : WidthOf(access.getOperand(1));
}

llvm::Value* PointerOf(const llvm::Instruction& instruction) {
  if (const auto* load = dyn_cast<llvm::LoadInst>(&instruction)) {
    return const_cast<llvm::Value*>(load->getPointerOperand());
  }
  if (const auto* store = dyn_cast<llvm::StoreInst>(&instruction)) {
    return const_cast<llvm::Value*>(store->getPointerOperand());
  }
  return IsPredicatedStore(&instruction) ? instruction.getOperand(1) : nullptr;
}
llvm::Value* StoredValue(const llvm::Instruction& instruction) { return instruction.getOperand(0); }

llvm::Function* PopFunction(llvm::Module& module, PortKind kind, unsigned width) {
  auto& context = module.getContext();
  auto* value = llvm::Type::getIntNTy(context, width);
  auto* type = llvm::FunctionType::get(
      value, {llvm::PointerType::getUnqual(context), llvm::Type::getInt1Ty(context)}, false);
  return Declare(
      module,
      std::string("__hlsc.pop.") + kKinds[static_cast<int>(kind)] + ".i" + std::to_string(width),
      type, false);
}

llvm::Function* PushFunction(llvm::Module& module, PortKind kind, unsigned width) {
  auto& context = module.getContext();
  auto* type = llvm::FunctionType::get(
      llvm::Type::getVoidTy(context),
      {llvm::PointerType::getUnqual(context), llvm::Type::getIntNTy(context, width),
       llvm::Type::getInt1Ty(context)},
      false);
  return Declare(
      module,
      std::string("__hlsc.push.") + kKinds[static_cast<int>(kind)] + ".i" + std::to_string(width),
      type, false);
}

llvm::Function* StoreFunction(llvm::Module& module, unsigned width) {
  auto& context = module.getContext();
  auto* type = llvm::FunctionType::get(
      llvm::Type::getVoidTy(context),
      {llvm::Type::getIntNTy(context, width), llvm::PointerType::getUnqual(context),
       llvm::Type::getInt1Ty(context)},
      false);
  return Declare(module, "__hlsc.store.i" + std::to_string(width), type, true);
}

llvm::Function* PipelineFunction(llvm::Module& module) {
  auto& context = module.getContext();
  auto* type = llvm::FunctionType::get(llvm::Type::getVoidTy(context),
                                       {llvm::Type::getInt32Ty(context)}, false);
  llvm::Function* function = Declare(module, "__hlsc.pipeline", type, false);
  function->removeFnAttr(llvm::Attribute::Convergent);
  return function;
}

void SetNote(llvm::Value& object, const char* name, int value) {
  auto& context = object.getContext();
  auto* node = llvm::MDNode::get(context, llvm::ConstantAsMetadata::get(llvm::ConstantInt::get(
                                              llvm::Type::getInt32Ty(context), value)));
  if (auto* instruction = dyn_cast<llvm::Instruction>(&object)) {
    instruction->setMetadata(name, node);
  } else if (auto* global = dyn_cast<llvm::GlobalObject>(&object)) {
    global->setMetadata(name, node);
  }
}

std::optional<int> GetNote(const llvm::Value& object, const char* name) {
  const llvm::MDNode* node = nullptr;
  if (const auto* instruction = dyn_cast<llvm::Instruction>(&object)) {
    node = instruction->getMetadata(name);
  } else if (const auto* global = dyn_cast<llvm::GlobalObject>(&object)) {
    node = global->getMetadata(name);
  }
  if (node == nullptr) return std::nullopt;
  return static_cast<int>(
      llvm::mdconst::extract<llvm::ConstantInt>(node->getOperand(0))->getSExtValue());
}

std::optional<int> PipelineII(const llvm::Loop& loop) {
  return llvm::getOptionalIntLoopAttribute(&loop, kPipelineNote);
}

unsigned LoopLine(const llvm::Loop& loop, std::string* file) {
  llvm::DebugLoc location = loop.getStartLoc();
  const llvm::DILocation* at = location.get();
  if (at == nullptr) {
    for (const llvm::Instruction& i : *loop.getHeader()) {
      if (i.getDebugLoc()) at = i.getDebugLoc().get();
      if (at != nullptr) break;
    }
  }
  *file = at == nullptr ? "unknown" : at->getFilename().str();
  return at == nullptr ? 0 : at->getLine();
}

std::string WhereLoop(const llvm::Loop& loop) {
  std::string file;
  const unsigned line = LoopLine(loop, &file);
  return file + ":" + std::to_string(line);
}

}  // namespace hlsc
