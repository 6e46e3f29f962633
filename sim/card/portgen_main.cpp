// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng-portgen KERNEL.json [--ports OUT.cpp] [--rtl-list OUT.f]: writes the code that binds a
// Verilated kernel's ports to the simulated card, and the list of the kernel's RTL files as
// Verilator reads it (-f).
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

namespace {

using nlohmann::json;

constexpr const char* kAxiPorts[] = {"AWVALID", "AWADDR", "AWID",   "AWLEN",  "AWSIZE",  "AWBURST",
                                     "WVALID",  "WDATA",  "WSTRB",  "WLAST",  "BREADY",  "ARVALID",
                                     "ARADDR",  "ARID",   "ARLEN",  "ARSIZE", "ARBURST", "RREADY",
                                     "AWREADY", "WREADY", "BVALID", "BID",    "BRESP",   "ARREADY",
                                     "RVALID",  "RID",    "RDATA",  "RRESP",  "RLAST"};
constexpr const char* kControlPorts[] = {
    "AWVALID", "AWADDR", "WVALID", "WDATA", "WSTRB",   "BREADY", "ARVALID", "ARADDR", "RREADY",
    "AWREADY", "WREADY", "BVALID", "BRESP", "ARREADY", "RVALID", "RDATA",   "RRESP"};

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

void CheckPort(const json& port) {
  const auto width = port.at("data_width").get<unsigned>();
  if (width < 8 || width > 1024 || (width & (width - 1)) != 0) {
    throw std::runtime_error(
        fmt::format("port {}: data width {} is not a power of two from 8 to 1024",
                    port.at("bundle").dump(), width));
  }
}

std::string Generate(const json& kernel) {
  const auto top = kernel.at("top").get<std::string>();
  const json& ports = kernel.at("ports");
  if (ports.contains("axis") && !ports.at("axis").empty()) {
    throw std::runtime_error(
        fmt::format("kernel {} has {} AXI streams at its top; the simulated card has nothing "
                    "to connect them to",
                    top, ports.at("axis").size()));
  }
  std::ostringstream out;
  fmt::print(out,
             "// Written by ng-portgen from {}.json.\n#include \"V{}.h\"\n#include "
             "\"V{}___024root.h\"\n\n#include \"verilated_kernel.hpp\"\n\n",
             top, top, top);
  fmt::print(out, "namespace narrowgate::sim {{\nnamespace {{\n\n");
  // hlsc's kernels have registers at all ports (docs/seams.md, section 7); others may not.
  const bool registered_outputs = !kernel.value("processes", json::array()).empty();
  fmt::print(
      out,
      "class Kernel : public VerilatedKernel<V{}, {}> {{\n public:\n  Kernel() {{ Bind(model_); "
      "}}\n\n",
      top, registered_outputs);
  fmt::print(out, " private:\n  template <typename Model>\n  void Bind(Model& model) {{\n");
  for (const json& port : ports.at("m_axi")) {
    CheckPort(port);
    const auto bundle = port.at("bundle").get<std::string>();
    fmt::print(
        out,
        "    {{\n      AxiSignals axi;\n      axi.bundle = \"{}\";\n      axi.data_bytes = {};\n",
        bundle, port.at("data_width").get<unsigned>() / 8);
    fmt::print(out, "      axi.id_width = {};\n      axi.reads = {};\n      axi.writes = {};\n",
               port.at("id_width").get<unsigned>(), port.at("reads").get<bool>(),
               port.at("writes").get<bool>());
    for (const char* name : kAxiPorts) {
      fmt::print(out, "      NG_BIND(axi.{}, m_axi_{}_{});\n", Lower(name), bundle, name);
    }
    fmt::print(out, "      ports_.push_back(axi);\n    }}\n");
  }
  fmt::print(out, "    control_.address_bits = {};\n",
             ports.at("s_axilite").at("addr_width").get<unsigned>());
  for (const char* name : kControlPorts) {
    fmt::print(out, "    NG_BIND(control_.{}, s_axi_control_{});\n", Lower(name), name);
  }
  fmt::print(out, "  }}\n}};\n\n}}  // namespace\n\n");
  fmt::print(out,
             "std::unique_ptr<KernelModel> MakeKernelModel() {{ return std::make_unique<Kernel>(); "
             "}}\n\n");
  fmt::print(out, "}}  // namespace narrowgate::sim\n");
  return out.str();
}

// The kernel's RTL, each file that has a stand-in of the same name replaced by it.
std::string RtlList(const json& kernel, std::vector<std::string> stand_ins) {
  using std::filesystem::path;
  std::string text;
  for (const json& file : kernel.at("rtl")) {
    auto name = file.get<std::string>();
    const auto stand_in = std::find_if(stand_ins.begin(), stand_ins.end(), [&](const path& other) {
      return other.stem() == path(name).stem();
    });
    if (stand_in != stand_ins.end()) {
      name = *stand_in;
      stand_ins.erase(stand_in);
    }
    text += name + "\n";
  }
  if (!stand_ins.empty()) {
    throw std::runtime_error("no RTL of the kernel has the name of " + stand_ins.front());
  }
  return text;
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) throw std::runtime_error(path + ": cannot be written");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Writes the code that binds a Verilated kernel to the simulated card"};
  std::string input, ports, list;
  std::vector<std::string> stand_ins;
  app.add_option("kernel", input, "<top>.json written by hlsc")->required();
  app.add_option("--ports", ports, "C++ file to write: the ports' binding");
  app.add_option("--rtl-list", list, "file list to write: the kernel's RTL");
  app.add_option("--stand-in", stand_ins, "RTL that simulates instead of the file of its name");
  CLI11_PARSE(app, argc, argv);
  try {
    std::ifstream in(input);
    if (!in) throw std::runtime_error("cannot be read");
    const json kernel = json::parse(in);
    if (!ports.empty()) WriteFile(ports, Generate(kernel));
    if (!list.empty()) WriteFile(list, RtlList(kernel, stand_ins));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ng-portgen: %s: %s\n", input.c_str(), error.what());
    return 2;
  }
  return 0;
}
