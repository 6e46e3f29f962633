// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "xrt_files.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <vector>

#include "narrowgate_sim/emulation.hpp"

namespace narrowgate::sim {

namespace fs = std::filesystem;

std::string EmconfigJson(const std::string& platform, unsigned cards) {
  using nlohmann::json;
  // XRT wants every number as a string.
  const json device = {{"Name", platform},
                       {"HalMajorVersion", "1"},
                       {"HalMinorVersion", "0"},
                       {"VendorId", "4334"},
                       {"DeviceVersion", "0"},
                       {"DataAlignment", "4096"},
                       {"NumDevices", std::to_string(cards)},
                       {"DdrBanks", json::array({{{"Name", "bank0"}, {"Size", "16G"}}})}};
  const json board = {{"NumBoards", "1"}, {"Devices", json::array({device})}};
  const json root = {{"Version", {{"FileVersion", "2.0"}, {"ToolVersion", "2022.1"}}},
                     {"Platform", {{"UnifiedPlatform", "true"}, {"Boards", json::array({board})}}}};
  return root.dump(1) + "\n";
}

std::string XrtIni(std::size_t packet_bytes) {
  // XRT 2.13 mishandles the first message that is larger than all before it. These settings are its
  // very first message; one value that means nothing makes it larger than any transfer.
  const std::string padding(packet_bytes + 4096, '0');
  return "[Emulation]\n"
         "system_dpa=false\n"  // no thread that sleeps 10 s before it can be joined
         "suppress_infos=true\n"
         "print_infos_in_console=false\n"
         "keep_run_dir=false\n"
         "packet_size=" +
         std::to_string(packet_bytes) +
         "\n"
         "enable_arbitration=" +
         padding +
         "\n"
         "[Runtime]\n"
         "kds=false\n";  // no wait of whole seconds for each run
}

fs::path FindXrtLibraries(const fs::path& wanted) {
  std::vector<fs::path> folders;
  if (!wanted.empty()) {
    folders = {wanted};
  } else {
    if (const char* xrt = std::getenv("XILINX_XRT")) folders.push_back(fs::path(xrt) / "lib");
    folders.insert(folders.end(), {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
                                   "/usr/lib64", "/usr/lib", "/opt/xilinx/xrt/lib"});
  }
  std::error_code ignored;
  for (const fs::path& folder : folders) {
    if (fs::exists(folder / "libxrt_hwemu.so.2", ignored)) return folder;
  }
  throw EmulationError("libxrt_hwemu.so.2 is not in " + folders.front().string() +
                       (wanted.empty() ? " nor in the other library folders" : "") +
                       ": install XRT (apt-get install libxrt-dev)");
}

}  // namespace narrowgate::sim
