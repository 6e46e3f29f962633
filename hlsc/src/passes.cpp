// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "passes.h"

#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Transforms/IPO/AlwaysInliner.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/ADCE.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/LoopUnrollPass.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Utils/LoopSimplify.h>
#include <llvm/Transforms/Utils/LowerSwitch.h>
#include <llvm/Transforms/Utils/Mem2Reg.h>

#include "diagnostics.h"
#include "normalise.h"

namespace hlsc {

struct Passes::Managers {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager sccs;
  llvm::ModuleAnalysisManager modules;
  std::unique_ptr<llvm::PassBuilder> builder;
};

Passes::Passes() : managers_(std::make_unique<Managers>()) {
  llvm::PipelineTuningOptions options;
  options.LoopVectorization = false;
  options.SLPVectorization = false;
  options.LoopUnrolling = false;  // only where a pragma asks for it
  options.LoopInterleaving = false;
  managers_->builder = std::make_unique<llvm::PassBuilder>(nullptr, options);
  // No library functions: no memset or memcpy is made out of loops.
  llvm::TargetLibraryInfoImpl library;
  library.disableAllFunctions();
  managers_->functions.registerPass([library] { return llvm::TargetLibraryAnalysis(library); });
  managers_->builder->registerModuleAnalyses(managers_->modules);
  managers_->builder->registerCGSCCAnalyses(managers_->sccs);
  managers_->builder->registerFunctionAnalyses(managers_->functions);
  managers_->builder->registerLoopAnalyses(managers_->loops);
  managers_->builder->crossRegisterProxies(managers_->loops, managers_->functions, managers_->sccs,
                                           managers_->modules);
}

Passes::~Passes() = default;

llvm::FunctionAnalysisManager& Passes::analyses() { return managers_->functions; }

void Passes::Invalidate(llvm::Function& function) {
  managers_->functions.clear(function, function.getName());
}

void Passes::InlineAlways(llvm::Module& module) {
  llvm::ModulePassManager passes;
  passes.addPass(llvm::AlwaysInlinerPass(/*InsertLifetime=*/false));
  passes.run(module, managers_->modules);
  managers_->functions.clear();
  managers_->modules.clear();
}

void Passes::PromoteVariables(llvm::Function& function) {
  NormaliseMemory(function);
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
  passes.run(function, managers_->functions);
  Invalidate(function);
}

void Passes::Optimise(llvm::Module& module) {
  managers_->functions.clear();
  managers_->modules.clear();
  auto passes = managers_->builder->buildModuleSimplificationPipeline(
      llvm::OptimizationLevel::O2, llvm::ThinOrFullLTOPhase::None);
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(llvm::LoopUnrollPass(
      llvm::LoopUnrollOptions(2, /*OnlyWhenForced=*/true, /*ForgetSCEV=*/false))));
  passes.addPass(
      llvm::createModuleToFunctionPassAdaptor(llvm::SROAPass(llvm::SROAOptions::ModifyCFG)));
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(llvm::InstCombinePass()));
  passes.addPass(
      llvm::createModuleToFunctionPassAdaptor(llvm::SimplifyCFGPass(llvm::SimplifyCFGOptions())));
  passes.run(module, managers_->modules);
}

void Passes::Canonicalise(llvm::Function& function) {
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::LowerSwitchPass());
  passes.addPass(llvm::LoopSimplifyPass());
  passes.run(function, managers_->functions);
  Invalidate(function);
}

void Passes::CleanUp(llvm::Function& function) {
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::EarlyCSEPass());
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::ADCEPass());
  passes.run(function, managers_->functions);
  Invalidate(function);
  if (llvm::verifyFunction(function, &llvm::errs())) {
    Refuse(function, "internal error: malformed intermediate code", "report this kernel");
  }
}

}  // namespace hlsc
