// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "device_options.hpp"

#include <fmt/format.h>

#include "failure.hpp"

namespace narrowgate::cli {

void DeviceOptions::add_to(CLI::App& command) {
  command.add_option("--device", device, "emulator, reference, an index (0) or a PCI address")
      ->capture_default_str()
      ->group("Device");
  command.add_option("--backend", backend, "how a card is driven: xrt or opencl")
      ->capture_default_str()
      ->group("Device");
  command.add_option("--image", image, "name or path of the card's image")
      ->capture_default_str()
      ->group("Device");
  command.add_option("--timeout", timeout_s, "seconds without progress after which a device hangs")
      ->capture_default_str()
      ->group("Device");
}

Device DeviceOptions::open() const {
  constexpr double kLongest_s = 86400;
  if (!(timeout_s >= 0.001 && timeout_s <= kLongest_s)) {
    throw InputError(fmt::format("--timeout {}: it must be 0.001 to {}", timeout_s, kLongest_s));
  }
  OpenOptions options;
  options.backend = parse_backend(backend);
  options.image = image;
  options.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(timeout_s * 1000));
  return Device::open(device, options);
}

std::string describe(const DeviceInfo& info) {
  if (info.image.empty()) return info.selector;
  return fmt::format("{} ({} through {})", info.selector, info.image, info.backend);
}

}  // namespace narrowgate::cli
