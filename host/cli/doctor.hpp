// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What `narrowgate doctor` looks at. Each check is one Finding, so that tests can read them.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "device_options.hpp"

namespace narrowgate::cli {

enum class State {
  kGood,
  kNote,     ///< works, but the user may want to know
  kMissing,  ///< something does not work until it is mended
};

struct Finding {
  State state = State::kGood;
  std::string subject;  ///< "unzip"
  std::string detail;   ///< one line: where it was found, or what does not work without it
  std::string mend;     ///< the command that mends it; empty when there is nothing to mend
  std::string package;  ///< Debian package that brings it, empty if none
};

using Findings = std::vector<Finding>;

/// The environment that the checks see; tests put another in its place.
struct Surroundings {
  std::function<std::string(const char* name)> variable;  ///< empty when it is not set
  std::vector<std::filesystem::path> program_folders;     ///< where commands are
  std::vector<std::filesystem::path> library_folders;     ///< where shared libraries are
  std::filesystem::path root = "/";                       ///< before absolute paths of data files
};

/// This process's own: PATH, and the folders of XILINX_XRT, LD_LIBRARY_PATH and the system.
Surroundings real_surroundings();

/// What running on the simulated card or on a real one needs.
Findings check_runtime(const Surroundings& surroundings);
/// Variables that change what XRT does.
Findings check_environment(const Surroundings& surroundings);
/// Compilers, simulators and data that building images and `make demo` need.
Findings check_build_tools(const Surroundings& surroundings);
/// The image, as the library finds and reads it.
Findings check_image(const std::string& image);
/// Opens the device, multiplies two small matrices and compares with the reference.
Findings check_device(const DeviceOptions& options);

}  // namespace narrowgate::cli
