// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "kernel_json.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace cosim {

KernelJson LoadKernelJson(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  try {
    const nlohmann::json json = nlohmann::json::parse(file);
    KernelJson kernel;
    kernel.top = json.at("top").get<std::string>();
    kernel.interface_hash = std::stoull(json.at("interface_hash").get<std::string>(), nullptr, 16);
    for (const auto& arg : json.at("args")) {
      kernel.arguments.push_back({arg.at("name"), arg.at("kind"), arg.at("bits"),
                                  arg.value("offset", uint64_t{0}), arg.value("bundle", "")});
    }
    for (const auto& port : json.at("ports").at("axis")) {
      const std::string direction = port.at("direction");
      kernel.axis.push_back({port.at("name"), port.at("width"), direction.substr(0, 2) == "in"});
    }
    for (const auto& port : json.at("ports").at("m_axi"))
      kernel.bundles.push_back(port.at("bundle"));
    for (const auto& counter : json.at("registers").at("counters")) {
      kernel.counters[counter.at("name")] = counter.at("offset");
    }
    for (const auto& rtl : json.at("rtl")) kernel.rtl.push_back(rtl);
    return kernel;
  } catch (const std::exception& error) {
    throw std::runtime_error(path + ": " + error.what());
  }
}

}  // namespace cosim
