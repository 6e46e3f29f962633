// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The options that say on which device a program runs.
#pragma once

#include <CLI/CLI.hpp>
#include <narrowgate/narrowgate.hpp>
#include <string>

namespace examples {

struct DeviceOptions {
  std::string device = "emulator";
  std::string backend = "xrt";
  std::string image = narrowgate::OpenOptions{}.image;
};

/// --device, --backend and --image.
inline void add_device_options(CLI::App& app, DeviceOptions& options) {
  app.add_option("--device", options.device, "emulator, reference, an index or a PCI address")
      ->capture_default_str();
  app.add_option("--backend", options.backend, "xrt or opencl")->capture_default_str();
  app.add_option("--image", options.image, "the card's image")->capture_default_str();
}

inline narrowgate::Device open_device(const DeviceOptions& options) {
  narrowgate::OpenOptions open;
  open.backend = narrowgate::parse_backend(options.backend);
  open.image = options.image;
  return narrowgate::Device::open(options.device, open);
}

}  // namespace examples
