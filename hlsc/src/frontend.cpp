// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "frontend.h"

#include <llvm/IRReader/IRReader.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/Program.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>

#include <fstream>
#include <sstream>

#include "diagnostics.h"
#include "pragmas.h"

namespace hlsc {
namespace {

// The headers stand beside the executable in a build tree, or where CMake says they are.
std::string HeaderDirectory() { return HLSC_INCLUDE_DIR; }

std::string FindClang() {
  for (const char* name : {"clang++-19", "clang++"}) {
    if (auto path = llvm::sys::findProgramByName(name)) return *path;
  }
  Refuse("hlsc", "clang++-19 is not installed", "apt-get install clang-19");
}

void Run(const std::vector<std::string>& command, const std::string& source) {
  std::vector<llvm::StringRef> arguments(command.begin(), command.end());
  std::string message;
  const int code =
      llvm::sys::ExecuteAndWait(command[0], arguments, std::nullopt, {}, 0, 0, &message);
  if (code != 0) {
    Refuse(source + ":1",
           "clang does not accept the source" + (message.empty() ? "" : " (" + message + ")"),
           "see the messages above");
  }
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

std::unique_ptr<llvm::Module> CompileToIr(const FrontendOptions& options,
                                          llvm::LLVMContext& context) {
  if (!llvm::sys::fs::exists(options.source)) {
    Refuse(options.source, "no such file", "give the kernel's C++ source");
  }
  const std::string base = options.work_dir + "/hlsc";
  const std::string clang = FindClang();
  std::vector<std::string> preprocess = {
      clang, "-E",  "-fno-show-column",      "-std=c++14", "-D__HLSC__=1",
      "-x",  "c++", "-I" + HeaderDirectory()};
  for (const std::string& i : options.includes) preprocess.push_back("-I" + i);
  for (const std::string& d : options.defines) preprocess.push_back("-D" + d);
  if (!options.dependency_file.empty()) {
    preprocess.insert(preprocess.end(),
                      {"-MD", "-MF", options.dependency_file, "-MT", options.dependency_target});
  }
  preprocess.insert(preprocess.end(), {options.source, "-o", base + ".ii"});
  Run(preprocess, options.source);

  const std::string rewritten = RewritePragmas(ReadFile(base + ".ii"));
  std::ofstream(base + ".marked.ii") << rewritten;
  Run({clang,
       "-x",
       "c++-cpp-output",
       "-std=c++14",
       "-fwrapv",
       "-O2",
       "-Xclang",
       "-disable-llvm-passes",
       "-fno-builtin",
       "-fno-exceptions",
       "-fno-rtti",
       "-fno-threadsafe-statics",
       "-fno-stack-protector",
       "-g",
       "-fno-show-column",
       "-c",
       "-emit-llvm",
       base + ".marked.ii",
       "-o",
       base + ".bc"},
      options.source);

  llvm::SMDiagnostic error;
  auto module = llvm::parseIRFile(base + ".bc", error, context);
  if (!module) Refuse(options.source, "clang's output is unreadable", error.getMessage().str());
  return module;
}

}  // namespace hlsc
