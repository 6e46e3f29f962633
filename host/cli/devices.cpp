// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "command.hpp"
#include "failure.hpp"
#include "narrowgate/device.hpp"

namespace narrowgate::cli {
namespace {

int list_devices(bool as_json) {
  const std::vector<DeviceInfo> devices = Device::list();
  if (as_json) {
    nlohmann::json out = nlohmann::json::array();
    for (const DeviceInfo& d : devices) {
      out.push_back({{"selector", d.selector},
                     {"name", d.name},
                     {"bdf", d.bdf},
                     {"backend", d.backend},
                     {"simulated", d.simulated},
                     {"usable", d.usable},
                     {"note", d.note}});
    }
    fmt::print("{}\n", out.dump(2));
    return kExitOk;
  }
  fmt::print("{:<14} {:<9} {:<7} {}\n", "device", "through", "usable", "what it is");
  for (const DeviceInfo& d : devices) {
    fmt::print("{:<14} {:<9} {:<7} {}{}{}\n", d.selector, d.backend, d.usable ? "yes" : "no",
               d.name, d.note.empty() ? "" : ": ", d.note);
  }
  return kExitOk;
}

}  // namespace

void add_devices(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("devices", "List the devices that this machine offers");
  const auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "print a JSON array");
  command->footer(
      "Example:\n"
      "  narrowgate devices\n"
      "The first column is what --device takes.");
  command->callback([&action, as_json] { action = [as_json] { return list_devices(*as_json); }; });
}

}  // namespace narrowgate::cli
