// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "machine.hpp"

#include <unistd.h>

#include <array>
#include <cctype>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <memory>
#include <string_view>

namespace bench {
namespace {

/// The first line that a command prints, "" if there is no such command. The commands are fixed.
std::string first_line_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen((command + " 2>/dev/null").c_str(), "r"),
                                                   &pclose);
  std::array<char, 256> buffer{};
  if (pipe == nullptr || std::fgets(buffer.data(), buffer.size(), pipe.get()) == nullptr) return "";
  std::string line(buffer.data());
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0) {
    line.pop_back();
  }
  return line;
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

std::string package_version(const char* package) {
  return first_line_of(std::string("dpkg-query -W -f '${Version}' ") + package);
}

}  // namespace

nlohmann::json describe_machine() {
  const std::string source = NG_SOURCE_DIR;
  const bool changed = !first_line_of("git -C '" + source + "' status --porcelain").empty();
  return {{"processor", processor()},
          {"cores", sysconf(_SC_NPROCESSORS_ONLN)},
          {"memory_gib", static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                             static_cast<double>(sysconf(_SC_PAGE_SIZE)) / (1 << 30)},
          {"kernel", first_line_of("uname -sr")},
          {"compiler", "g++ " __VERSION__},
          {"verilator", first_line_of("verilator --version")},
          {"llvm", first_line_of("clang-19 --version")},
          {"xrt", package_version("libxrt1")},
          {"git_commit", first_line_of("git -C '" + source + "' rev-parse HEAD") +
                             (changed ? " with changes" : "")}};
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::array<char, 16> text{};
  std::tm parts{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d", gmtime_r(&now, &parts));
  return text.data();
}

std::string machine_kind(const nlohmann::json& machine) {
  std::string name;
  for (const char c : machine.at("processor").get<std::string>() + " " +
                          std::to_string(machine.at("cores").get<long>()) + " cores") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (c == ' ' && !name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  return name;
}

}  // namespace bench
