// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "compiler.h"

#include <llvm/Support/raw_ostream.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include "blackbox.h"
#include "check.h"
#include "design.h"
#include "diagnostics.h"
#include "emitter.h"
#include "frontend.h"
#include "ifconvert.h"
#include "markers.h"
#include "multiply.h"
#include "partition.h"
#include "passes.h"
#include "prepare.h"
#include "process.h"

namespace hlsc {

using nlohmann::json;

namespace {

const char* const kLeaves[] = {"ng_fifo.sv", "ng_fifo_shallow.sv", "ng_fifo_block.sv",
                               "ng_counter.sv", "ng_axil_control.sv"};
const char* const kMemoryLeaves[] = {"ng_burst_split.sv", "ng_axi_read_master.sv",
                                     "ng_axi_write_master.sv"};

json Report(Process& process, const Emitter& emitter) {
  json report;
  report["loops"] = json::array();
  for (const auto& loop : process.loops) {
    report["loops"].push_back({{"name", loop->source_name},
                               {"file", std::filesystem::path(loop->file).filename().string()},
                               {"line", loop->line},
                               {"ii", loop->ii},
                               {"depth", loop->depth}});
  }
  report["memories"] = json::array();
  for (const auto& memory : process.memories) {
    if (memory->used_width == 0) continue;
    report["memories"].push_back({{"name", memory->name},
                                  {"width", memory->used_width},
                                  {"depth", memory->depth},
                                  {"kind", memory->rom             ? "rom"
                                           : memory->combinational ? "registers"
                                                                   : "ram"}});
  }
  report["states"] = process.states.size();
  report["register_bits"] = emitter.register_bits();
  return report;
}

class Compiler {
 public:
  explicit Compiler(const CompilerOptions& options) : options_(options) {}

  void Run() {
    std::filesystem::create_directories(options_.output_dir);
    for (const std::string& file : options_.black_boxes) {
      BlackBox box = ReadBlackBox(file);
      boxes_[box.name] = box;
    }
    FrontendOptions frontend{options_.source,          options_.output_dir,
                             options_.includes,        options_.defines,
                             options_.dependency_file, Output(".sv") + " " + Output(".json")};
    module_ = CompileToIr(frontend, context_);
    std::set<std::string> names;
    for (const auto& [name, box] : boxes_) names.insert(name);
    prepared_ = Prepare(*module_, options_.source, options_.top, names);
    for (llvm::Function* function : prepared_.processes) CompileProcess(*function);
    const Design design = Elaborate(prepared_, modules_, options_.clock_mhz, options_.defines);
    Write(design);
  }

 private:
  std::string Output(const char* extension) const {
    return options_.output_dir + "/" + options_.top + extension;
  }

  void CompileProcess(llvm::Function& function) {
    const std::string name = PlainName(function);
    auto box = boxes_.find(name);
    if (box != boxes_.end()) {
      modules_[&function] = BlackBoxProcess(box->second, function);
      used_boxes_.insert(name);
      return;
    }
    Passes passes;
    Exclusive exclusive;
    RestorePipelines(function);
    LowerDivisions(function);
    passes.Canonicalise(function);
    PartitionArrays(function, passes);
    ConvertPipelinedLoops(function, passes, &exclusive);
    passes.CleanUp(function);
    BalanceTrees(function);
    passes.CleanUp(function);
    passes.Canonicalise(function);
    ShortenRecurrences(function);
    if (options_.multipliers == "fabric") ExpandMultiplications(function);
    passes.Invalidate(function);
    if (options_.keep_ir) KeepIr(function);
    Process process(function, passes, exclusive, options_.clock_mhz);
    // A non-DATAFLOW top becomes the one process inside the kernel module.
    if (!prepared_.dataflow) process.name += "_body";
    if (!names_.insert(process.name).second)
      Refuse(function, "two processes are called '" + process.name + "'", "rename one");
    AddScalarBoxes(process);
    CheckSubset(process);
    process.CollectLoops();
    process.CollectPorts();
    process.CollectMemories();
    process.FindUsedBits();
    process.Schedule();
    process.MakeStates();
    Emitter emitter(process);
    texts_[process.name] = emitter.Module();
    ProcessModule module;
    module.name = process.name;
    module.argument_names = process.argument_names;
    for (const auto& c : process.channels)
      module.ports.push_back({c->name, c->kind, c->width, c->output, c->argument, c->element});
    for (const llvm::Argument& argument : function.args()) {
      if (!argument.getType()->isIntegerTy()) continue;
      module.scalars[argument.getArgNo()] = Identifier(process.argument_names[argument.getArgNo()]);
      module.scalar_widths[argument.getArgNo()] = WidthOf(&argument);
    }
    module.report = Report(process, emitter);
    modules_[&function] = module;
  }

  void AddScalarBoxes(Process& process) {
    for (const auto& [name, box] : boxes_) process.black_boxes[name] = &box;
    for (llvm::BasicBlock& block : process.function) {
      for (llvm::Instruction& i : block) {
        const BlackBox* box = process.BlackBoxOf(i);
        if (box == nullptr) continue;
        CheckScalarBox(*box, i);
        used_boxes_.insert(box->name);
      }
    }
  }

  void KeepIr(const llvm::Function& function) const {
    std::error_code code;
    llvm::raw_fd_ostream out(options_.output_dir + "/" + PlainName(function) + ".ll", code);
    function.print(out);
  }

  // One file for each module, called like it.
  std::string WriteModule(const std::string& name, const std::string& text) const {
    const std::string path = options_.output_dir + "/" + name + ".sv";
    std::ofstream(path) << "// Copyright Narrowgate contributors\n// SPDX-License-Identifier: "
                           "Apache-2.0\n//\n// Made by hlsc from "
                        << std::filesystem::path(options_.source).filename().string() << " for "
                        << options_.clock_mhz << " MHz; do not edit.\n\n"
                        << text;
    return std::filesystem::absolute(path).lexically_normal().string();
  }

  void Write(const Design& design) {
    std::vector<std::string> rtl = {WriteModule(options_.top, EmitTop(design))};
    for (const auto& [name, text] : texts_) rtl.push_back(WriteModule(name, text));
    for (const char* leaf : kLeaves) rtl.push_back(options_.rtl_dir + "/" + leaf);
    if (!design.bundles.empty()) {
      for (const char* leaf : kMemoryLeaves) rtl.push_back(options_.rtl_dir + "/" + leaf);
    }
    for (const std::string& name : used_boxes_) {
      for (const std::string& file : boxes_[name].rtl_files)
        rtl.push_back(std::filesystem::absolute(file).lexically_normal().string());
    }
    std::ofstream(Output(".json")) << Describe(design, rtl).dump(2) << "\n";
    if (options_.quiet) return;
    for (const auto& [function, module] : modules_) {
      std::cout << module.name << ":";
      for (const json& loop : module.report["loops"])
        std::cout << " line " << loop["line"] << " II=" << loop["ii"] << " depth " << loop["depth"]
                  << ";";
      std::cout << " " << module.report["register_bits"] << " register bits\n";
    }
  }

  const CompilerOptions& options_;
  llvm::LLVMContext context_;
  std::unique_ptr<llvm::Module> module_;
  Prepared prepared_;
  std::map<std::string, BlackBox> boxes_;
  std::set<std::string> used_boxes_, names_;
  std::map<const llvm::Function*, ProcessModule> modules_;
  std::map<std::string, std::string> texts_;  // by module
};

}  // namespace

void Compile(const CompilerOptions& options) { Compiler(options).Run(); }

}  // namespace hlsc
