// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The options by which every subcommand that computes chooses its device.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "narrowgate/device.hpp"

namespace narrowgate::cli {

struct DeviceOptions {
  std::string device = "emulator";
  std::string backend = "xrt";
  std::string image = "gemm_int8";
  double timeout_s = 10.0;

  void add_to(CLI::App& command);
  Device open() const;
};

/// "emulator, image gemm_int8, through xrt": for messages.
std::string describe(const DeviceInfo& info);

}  // namespace narrowgate::cli
