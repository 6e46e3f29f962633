// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The kernel's JSON and the hash of its interface (docs/seams.md, section 9).
#include <array>

#include "design.h"

namespace hlsc {

using nlohmann::json;

namespace {

constexpr unsigned kCounterBase = 0x818;

std::string Hex64(uint64_t value) {
  std::array<char, 24> text;
  snprintf(text.data(), text.size(), "0x%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

}  // namespace

std::string End::Net() const {
  std::string net = "u";
  net += std::to_string(instance);
  net += "_";
  net += port->name;
  return net;
}

std::vector<std::string> Design::CounterNames() const {
  std::vector<std::string> names = {"cycles"};
  for (const Instance& instance : instances) {
    for (const char* what : {".busy", ".stall_in", ".stall_out"})
      names.push_back(instance.name + what);
  }
  for (const Bundle& bundle : bundles) {
    for (const char* what : {".beats_read", ".beats_written", ".bus_errors"})
      names.push_back(bundle.name + what);
  }
  return names;
}

json Design::Interface() const {
  json out;
  out["top"] = top;
  out["defines"] = json::object();
  for (const std::string& define : defines) {
    const size_t equals = define.find('=');
    out["defines"][define.substr(0, equals)] =
        equals == std::string::npos ? "1" : define.substr(equals + 1);
  }
  json& ports = out["ports"];
  ports["m_axi"] = json::array();
  for (const Bundle& b : bundles) {
    ports["m_axi"].push_back({{"bundle", b.name},
                              {"data_width", b.data_width},
                              {"addr_width", 64},
                              {"id_width", 1},
                              {"reads", b.Reads()},
                              {"writes", b.Writes()}});
  }
  ports["axis"] = json::array();
  out["args"] = json::array();
  int id = 0;
  for (const KernelArgument& a : arguments) {
    static const char* const kKinds[] = {"scalar", "pointer", "axis"};
    json argument = {{"name", a.name}, {"id", id++}, {"kind", kKinds[a.kind]}, {"bits", a.bits}};
    if (a.kind == KernelArgument::kAxis) {
      ports["axis"].push_back({{"name", a.name},
                               {"width", (a.bits + 7) / 8 * 8},
                               {"direction", a.axis_input ? "in" : "out"}});
    } else {
      argument["offset"] = a.offset;
    }
    if (a.kind == KernelArgument::kPointer) argument["bundle"] = a.bundle;
    out["args"].push_back(argument);
  }
  ports["s_axilite"] = {{"addr_width", 12}};
  return out;
}

uint64_t Design::Hash() const {
  uint64_t hash = 0xcbf29ce484222325ull;  // FNV-1a, 64 bits
  for (const char c : Interface().dump()) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ull;
  }
  return hash;
}

json Describe(const Design& design, const std::vector<std::string>& rtl_files) {
  json out = design.Interface();
  out["clock_mhz"] = design.clock_mhz;
  out["interface_hash"] = Hex64(design.Hash());
  json counters = json::array();
  unsigned offset = kCounterBase;
  for (const std::string& name : design.CounterNames()) {
    counters.push_back({{"name", name}, {"offset", offset}});
    offset += 8;
  }
  out["registers"] = {
      {"magic", "0x4E474154"}, {"version", kRegistersVersion}, {"counters", counters}};
  out["processes"] = json::array();
  for (const Instance& instance : design.instances) {
    json process = instance.module->report;
    process["name"] = instance.name;
    process["kind"] = instance.module->black_box ? "blackbox" : "compiled";
    process["streams"] = json::array();
    for (const ModulePort& port : instance.ports) {
      process["streams"].push_back(
          {{"port", port.name}, {"width", port.width}, {"direction", port.output ? "out" : "in"}});
    }
    out["processes"].push_back(process);
  }
  out["streams"] = json::array();
  for (const Fifo& fifo : design.fifos) {
    out["streams"].push_back({{"name", fifo.name},
                              {"width", fifo.width},
                              {"depth", fifo.depth},
                              {"from", design.instances[fifo.writers[0].instance].name},
                              {"to", design.instances[fifo.readers[0].instance].name}});
  }
  out["rtl"] = rtl_files;
  return out;
}

}  // namespace hlsc
