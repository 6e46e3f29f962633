// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// cosim_build: from kernels to one Verilated library and its table of ports.
//
//   cosim_build --name BATCH --out DIR --hlsc PATH [--ccache] [-I DIR]... [-D MACRO]...
//               [--flag HLSC_OPTION]... TOP=KERNEL.cpp...
//
// A kernel's own options stand in its first lines as "// hlsc: --clock 100 ...", where
// {dir} is the folder of the kernel. A kernel that hlsc or Verilator refuses does not stop the
// others: its test fails with the message. Writes DIR/designs.cpp and DIR/libdesigns.a.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernel_json.hpp"
#include "port_list.hpp"
#include "process.hpp"

namespace fs = std::filesystem;

namespace {

constexpr int kHlscSeconds = 120;
constexpr int kVerilatorSeconds = 600;

struct Options {
  std::string name;
  fs::path out;
  std::string hlsc;
  bool ccache = false;
  std::vector<std::string> hlsc_flags;
  std::vector<std::string> rtl_defines;                   // "+define+NAME=VALUE"
  std::vector<std::pair<std::string, fs::path>> kernels;  // top, source
};

struct Built {
  std::string top;
  std::string json_path;
  std::string failure;
  std::vector<std::string> rtl;
  std::vector<cosim::PortDeclaration> ports;
};

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void WriteFile(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  if (!(file << text)) throw std::runtime_error("cannot write " + path.string());
}

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    auto value = [&]() -> std::string {
      if (++i >= argc) throw std::runtime_error(word + " needs a value");
      return argv[i];
    };
    if (word == "--name") {
      options.name = value();
    } else if (word == "--out") {
      options.out = fs::absolute(value());
    } else if (word == "--hlsc") {
      options.hlsc = value();
    } else if (word == "--ccache") {
      options.ccache = true;
    } else if (word == "--flag") {
      options.hlsc_flags.push_back(value());
    } else if (word == "-I" || word == "-D") {
      options.hlsc_flags.push_back(word);
      options.hlsc_flags.push_back(value());
      // Black boxes have the same macros.
      if (word == "-D") options.rtl_defines.push_back("+define+" + options.hlsc_flags.back());
    } else if (const std::size_t equals = word.find('='); equals != std::string::npos) {
      options.kernels.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    } else {
      throw std::runtime_error("'" + word + "' is neither an option nor TOP=KERNEL.cpp");
    }
  }
  if (options.name.empty() || options.out.empty() || options.hlsc.empty()) {
    throw std::runtime_error("--name, --out and --hlsc are needed");
  }
  return options;
}

// Options in the kernel's own comment.
std::vector<std::string> OwnFlags(const fs::path& source) {
  std::istringstream lines(ReadFile(source));
  std::vector<std::string> flags;
  std::string line;
  for (int i = 0; i < 12 && std::getline(lines, line); ++i) {
    if (line.rfind("// hlsc:", 0) != 0) continue;
    std::istringstream words(line.substr(8));
    for (std::string word; words >> word;) {
      flags.push_back(
          std::regex_replace(word, std::regex("\\{dir\\}"), source.parent_path().string()));
    }
  }
  return flags;
}

void Compile(const Options& options, const fs::path& source, Built& built) {
  const fs::path dir = options.out / built.top;
  fs::create_directories(dir);
  std::vector<std::string> command = {options.hlsc, source.string(), "--top", built.top,
                                      "-o",         dir.string()};
  command.insert(command.end(), options.hlsc_flags.begin(), options.hlsc_flags.end());
  const std::vector<std::string> own = OwnFlags(source);
  command.insert(command.end(), own.begin(), own.end());
  const cosim::Finished hlsc = cosim::RunTool(command, kHlscSeconds);
  if (hlsc.exit_code != 0) {
    built.failure = cosim::CommandLine(command) + " exits with " + std::to_string(hlsc.exit_code) +
                    ": " + hlsc.output;
    return;
  }
  built.json_path = (dir / (built.top + ".json")).string();
  for (const std::string& file : cosim::LoadKernelJson(built.json_path).rtl) {
    built.rtl.push_back(fs::path(file).is_absolute() ? file : (dir / file).string());
  }
  std::string text;
  for (const std::string& file : built.rtl) text += ReadFile(file);
  built.ports = cosim::ParsePorts(text, built.top);
}

// Each kernel alone, so that one with warnings does not spoil the batch.
void Lint(const Options& options, Built& built) {
  std::vector<std::string> command = {"verilator", "--lint-only", "-Wall", "--top-module",
                                      built.top};
  command.insert(command.end(), options.rtl_defines.begin(), options.rtl_defines.end());
  command.insert(command.end(), built.rtl.begin(), built.rtl.end());
  const cosim::Finished lint = cosim::RunTool(command, kVerilatorSeconds);
  if (lint.exit_code != 0) {
    built.failure = cosim::CommandLine(command) + " exits with " + std::to_string(lint.exit_code) +
                    ": " + lint.output;
  }
}

std::string Range(int width) { return width == 1 ? "" : "[" + std::to_string(width - 1) + ":0] "; }

// One module with every kernel in it; kernel i's ports are called k<i>_<port>.
std::string Wrapper(const std::string& module, const std::vector<Built>& kernels) {
  std::ostringstream ports, body;
  const char* separator = "";
  for (std::size_t k = 0; k < kernels.size(); ++k) {
    if (!kernels[k].failure.empty()) continue;
    const std::string prefix = "k" + std::to_string(k) + "_";
    body << "  " << kernels[k].top << " u_" << k << " (";
    const char* comma = "";
    for (const cosim::PortDeclaration& port : kernels[k].ports) {
      ports << separator << "\n  " << (port.is_input ? "input " : "output ") << "logic "
            << Range(port.width) << prefix << port.name;
      body << comma << "\n    ." << port.name << "(" << prefix << port.name << ")";
      separator = comma = ",";
    }
    body << ");\n";
  }
  return "module " + module + " (" + ports.str() + ");\n" + body.str() + "endmodule\n";
}

std::string Quoted(const std::string& text) { return "R\"~~(" + text + ")~~\""; }

std::string DesignsSource(const std::string& model, const std::vector<Built>& kernels) {
  std::ostringstream tables, list;
  bool any = false;
  for (std::size_t k = 0; k < kernels.size(); ++k) {
    const Built& kernel = kernels[k];
    const std::string ports = "Ports" + std::to_string(k);
    list << "      {" << Quoted(kernel.top) << ", " << Quoted(kernel.json_path) << ", "
         << Quoted(kernel.failure) << ", "
         << (kernel.failure.empty() ? "Make, " + ports : "nullptr, nullptr") << "},\n";
    if (!kernel.failure.empty()) continue;
    any = true;
    tables << "std::vector<cosim::Port> " << ports
           << "(cosim::Model& m) {\n  auto& t = static_cast<Batch&>(m).top;\n  return {\n";
    for (const cosim::PortDeclaration& port : kernel.ports) {
      tables << "      {\"" << port.name << "\", " << (port.is_input ? "true" : "false") << ", "
             << port.width << ", &t.k" << k << "_" << port.name << "},\n";
    }
    tables << "  };\n}\n";
  }
  std::ostringstream source;
  source << "// Generated by cosim_build.\n#include \"dut.hpp\"\n";
  if (any) {
    source << "#include \"V/" << model << ".h\"\n#include \"verilated.h\"\nnamespace {\n"
           << "struct Seeded : VerilatedContext {\n"
           << "  explicit Seeded(int seed) { randReset(2); randSeed(seed); }\n};\n"
           << "struct Batch : cosim::Model {\n"
           << "  explicit Batch(int seed) : context(seed) {}\n"
           << "  void Eval() override { top.eval(); }\n  Seeded context;\n  " << model
           << " top{&context, \"\"};\n};\n"
           << "std::unique_ptr<cosim::Model> Make(int seed) {\n"
           << "  return std::make_unique<Batch>(seed);\n}\n"
           << tables.str() << "}  // namespace\n";
  }
  source << "namespace cosim {\nstd::vector<Design> Designs() {\n  return {\n"
         << list.str() << "  };\n}\n}  // namespace cosim\n";
  return source.str();
}

void Require(const std::vector<std::string>& command) {
  const cosim::Finished tool = cosim::RunTool(command, kVerilatorSeconds);
  if (tool.exit_code != 0) {
    throw std::runtime_error(cosim::CommandLine(command) + " exits with " +
                             std::to_string(tool.exit_code) + ":\n" + tool.output);
  }
}

void Verilate(const Options& options, const std::vector<Built>& kernels) {
  const std::string module = options.name + "_batch";
  const std::string model = "V" + options.name;
  const fs::path dir = options.out / "V";
  fs::remove_all(dir);
  const fs::path wrapper = options.out / (module + ".sv");
  WriteFile(wrapper, Wrapper(module, kernels));
  std::map<std::string, std::string> files;  // leaf modules are common to many kernels
  for (const Built& kernel : kernels) {
    if (!kernel.failure.empty()) continue;
    for (const std::string& file : kernel.rtl) files.emplace(fs::path(file).filename(), file);
  }
  std::vector<std::string> verilator = {"verilator",  "--cc",           "-Wall",  "--x-assign",
                                        "unique",     "--x-initial",    "unique", "--Mdir",
                                        dir.string(), "--output-split", "8000",   "--prefix",
                                        model,        "--top-module",   module,   wrapper.string()};
  verilator.insert(verilator.end(), options.rtl_defines.begin(), options.rtl_defines.end());
  for (const auto& [name, file] : files) verilator.push_back(file);
  Require(verilator);
  std::vector<std::string> make = {"make",
                                   "-s",
                                   "-j2",
                                   "-C",
                                   dir.string(),
                                   "-f",
                                   model + ".mk",
                                   "OPT_FAST=-O1",
                                   "OPT_SLOW=-O0",
                                   "OPT_GLOBAL=-O1",
                                   model + "__ALL.a"};
  if (options.ccache) make.push_back("OBJCACHE=ccache");
  Require(make);
  fs::copy_file(dir / (model + "__ALL.a"), options.out / "libdesigns.a",
                fs::copy_options::overwrite_existing);
}

int Build(const Options& options) {
  fs::create_directories(options.out);
  std::vector<Built> kernels;
  bool any = false;
  for (const auto& [top, source] : options.kernels) {
    Built built{top, "", "", {}, {}};
    try {
      Compile(options, fs::absolute(source), built);
      if (built.failure.empty()) Lint(options, built);
    } catch (const std::exception& error) {
      built.failure = error.what();
    }
    if (!built.failure.empty()) std::cout << top << ": " << built.failure << "\n";
    any = any || built.failure.empty();
    kernels.push_back(built);
  }
  fs::remove(options.out / "libdesigns.a");
  if (any) {
    Verilate(options, kernels);
  } else {
    Require({"ar", "rc", (options.out / "libdesigns.a").string()});
  }
  WriteFile(options.out / "designs.cpp", DesignsSource("V" + options.name, kernels));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Build(ParseOptions(argc, argv));
  } catch (const std::exception& error) {
    std::cerr << "cosim_build: " << error.what() << "\n";
    return 2;
  }
}
