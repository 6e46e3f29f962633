// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "blackbox.h"

#include <filesystem>
#include <fstream>

#include "diagnostics.h"

namespace hlsc {

using nlohmann::json;

namespace {

int Number(const json& value) {
  return value.is_string() ? std::stoi(value.get<std::string>()) : value.get<int>();
}

BlackBoxParameter ReadParameter(const json& entry, const std::string& file) {
  BlackBoxParameter parameter;
  parameter.name = entry.at("c_name").get<std::string>();
  parameter.output = entry.at("c_port_direction").get<std::string>() == "out";
  const json& ports = entry.at("rtl_ports");
  const auto get = [&](const char* key) {
    return ports.contains(key) ? ports.at(key).get<std::string>() : std::string();
  };
  if (ports.contains("FIFO_empty_flag")) {
    parameter.flag = get("FIFO_empty_flag");
    parameter.enable = get("FIFO_read_enable");
    parameter.data = get("FIFO_data_read_in");
  } else if (ports.contains("FIFO_full_flag")) {
    parameter.flag = get("FIFO_full_flag");
    parameter.enable = get("FIFO_write_enable");
    parameter.data = get("FIFO_data_write_out");
    parameter.output = true;
  } else {
    parameter.data = parameter.output ? get("data_write_out") : get("data_read_in");
  }
  if (parameter.data.empty())
    Refuse(file + ":1", "parameter '" + parameter.name + "' has no data port",
           "see rtl_ports in the Vitis HLS guide");
  return parameter;
}

}  // namespace

BlackBox ReadBlackBox(const std::string& file) {
  std::ifstream in(file);
  if (!in) Refuse(file + ":1", "cannot be opened", "see --blackbox");
  BlackBox box;
  box.json_file = file;
  try {
    const json root = json::parse(in);
    box.name = root.at("c_function_name").get<std::string>();
    if (root.at("rtl_top_module_name").get<std::string>() != box.name) {
      Refuse(file + ":1", "rtl_top_module_name differs from c_function_name '" + box.name + "'",
             "use one name for both");
    }
    for (const json& path : root.at("rtl_files")) {
      const std::filesystem::path rtl = path.get<std::string>();
      const std::filesystem::path full =
          rtl.is_absolute() ? rtl : std::filesystem::path(file).parent_path() / rtl;
      if (!std::filesystem::exists(full))
        Refuse(file + ":1", "there is no file '" + full.string() + "'", "see rtl_files");
      box.rtl_files.push_back(full.lexically_normal().string());
    }
    for (const json& entry : root.at("c_parameters"))
      box.parameters.push_back(ReadParameter(entry, file));
    if (root.contains("c_return") && root["c_return"].contains("rtl_ports")) {
      box.result = root["c_return"]["rtl_ports"].at("data_write_out").get<std::string>();
    }
    const json& common = root.at("rtl_common_signal");
    static const std::pair<const char*, const char*> kSignals[] = {
        {"module_clock", "clock"},
        {"module_reset", "reset"},
        {"module_clock_enable", "enable"},
        {"ap_ctrl_chain_protocol_start", "start"},
        {"ap_ctrl_chain_protocol_done", "done"},
        {"ap_ctrl_chain_protocol_ready", "ready"},
        {"ap_ctrl_chain_protocol_idle", "idle"},
        {"ap_ctrl_chain_protocol_continue", "continue"}};
    for (const auto& [key, role] : kSignals) {
      if (common.contains(key) && !common[key].get<std::string>().empty())
        box.signals[role] = common[key].get<std::string>();
    }
    if (box.signals.count("enable") == 0)
      Refuse(file + ":1", "no module_clock_enable", "every black box has a clock enable");
    if (root.contains("rtl_performance")) {
      box.latency = Number(root["rtl_performance"].value("latency", json("0")));
      box.ii = Number(root["rtl_performance"].value("II", json("1")));
    }
  } catch (const json::exception& e) {
    Refuse(file + ":1", std::string("not a black box description (") + e.what() + ")",
           "see Vitis HLS's RTL black box JSON");
  }
  return box;
}

ProcessModule BlackBoxProcess(const BlackBox& box, llvm::Function& function) {
  ProcessModule module;
  module.name = box.name;
  module.black_box = true;
  module.report = {{"loops", json::array()}, {"memories", json::array()}, {"register_bits", 0}};
  if (box.parameters.size() != function.arg_size()) {
    Refuse(box.json_file + ":1",
           "'" + box.name + "' has " + std::to_string(function.arg_size()) +
               " parameters in C++, c_parameters lists " + std::to_string(box.parameters.size()),
           "list each in order");
  }
  for (const auto& [role, port] : box.signals) module.black_box_ports[role] = port;
  for (unsigned k = 0; k < function.arg_size(); ++k) {
    const BlackBoxParameter& parameter = box.parameters[k];
    module.argument_names.push_back(parameter.name);
    if (!parameter.IsFifo()) {
      if (!function.getArg(k)->getType()->isIntegerTy())
        Refuse(box.json_file + ":1", "parameter '" + parameter.name + "' is not a scalar in C++",
               "give it FIFO ports");
      module.scalars[k] = parameter.data;
      module.scalar_widths[k] = WidthOf(function.getArg(k));
      continue;
    }
    ModulePort port{parameter.name, PortKind::kStream, 0, parameter.output, k, 0};
    for (llvm::BasicBlock& block : function) {
      for (llvm::Instruction& i : block) {
        if (!IsAccess(&i) || PortOf(i)->stripPointerCasts() != function.getArg(k)) continue;
        port.width = AccessWidth(i);
        if (IsPush(&i) != port.output)
          Refuse(i,
                 "the C model of '" + box.name + "' uses '" + parameter.name +
                     "' in the other direction",
                 "see c_port_direction");
      }
    }
    module.ports.push_back(port);
    module.black_box_ports[port.name + ".data"] = parameter.data;
    module.black_box_ports[port.name + (port.output ? ".full" : ".empty")] = parameter.flag;
    module.black_box_ports[port.name + (port.output ? ".write" : ".read")] = parameter.enable;
  }
  return module;
}

void CheckScalarBox(const BlackBox& box, const llvm::Instruction& call) {
  const std::string name = "black box '" + box.name + "'";
  if (box.ii != 1)
    Refuse(call, name + " has II=" + std::to_string(box.ii),
           "only boxes with II=1 are called inside a process");
  if (box.latency < 1)
    Refuse(call, name + " has latency 0", "register its result and set rtl_performance.latency");
  if (box.result.empty()) Refuse(call, name + " has no result", "add c_return with data_write_out");
  const auto& function = *llvm::cast<llvm::CallInst>(call).getCalledFunction();
  if (function.arg_size() != box.parameters.size())
    Refuse(call, name + " has another number of parameters in its JSON",
           "list each in c_parameters");
  for (const BlackBoxParameter& parameter : box.parameters) {
    if (parameter.IsFifo() || parameter.output)
      Refuse(call, name + " is called inside a process with a FIFO or an output parameter",
             "make it a process of its own");
  }
}

}  // namespace hlsc
