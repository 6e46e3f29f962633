// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What an image says about its kernel (docs/seams.md sections 9 and 10): the one source of argument
// numbers, register addresses and geometry on the host.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "narrowgate/device.hpp"
#include "pack/layout.hpp"

namespace narrowgate::internal {

struct KernelArgument {
  std::string name;
  int id = 0;
  bool pointer = false;
  std::uint32_t offset = 0;
};

struct Counter {
  std::string name;  ///< "cycles", "<process>.busy", "<bundle>.bus_errors", ...
  std::uint32_t offset = 0;
};

struct CardImage {
  std::filesystem::path path;
  std::string name;
  std::string kernel;
  std::string card;
  double clock_mhz = 0;
  std::uint64_t interface_hash = 0;
  bool emulation = false;
  Geometry geometry;
  std::vector<Format> formats;
  std::vector<std::pair<Format, Format>> pairs;  ///< of A and B; empty: all of `formats`
  bool results_stay = false;  ///< a result may be the A of a later call: same memory
  std::vector<KernelArgument> arguments;
  std::vector<Counter> counters;

  bool has_argument(std::string_view argument_name) const;
  /// Throws BadImageError when the kernel has no such argument.
  const KernelArgument& argument(std::string_view name) const;
};

/// Reads the image's metadata. Throws MissingImageError or BadImageError.
CardImage read_card_image(const std::filesystem::path& path);

/// The same from the metadata itself; `path` is for messages.
CardImage parse_card_image(const nlohmann::json& metadata, const std::filesystem::path& path);

/// A macro that the kernel was compiled with, a number or its text; `otherwise` without it.
std::size_t macro_of(const nlohmann::json& kernel, const char* name, std::size_t otherwise);

/// Fills in what DeviceInfo tells of an image.
void describe_image(const CardImage& image, DeviceInfo& info);

/// "0x" and 16 hexadecimal digits.
std::string hash_text(std::uint64_t hash);

}  // namespace narrowgate::internal
