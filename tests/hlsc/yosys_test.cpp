// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// yosys accepts what hlsc writes: every golden kernel is elaborated and checked, a handful is
// synthesised for UltraScale+.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "kernel_json.hpp"
#include "process.hpp"

namespace fs = std::filesystem;

namespace {

std::vector<std::string> KernelNames() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(KERNELS_DIR)) {
    if (entry.path().extension() == ".cpp") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Compiles the kernel and runs yosys on all its files with the given commands.
cosim::Finished RunYosys(const std::string& top, const std::string& commands) {
  const fs::path source = fs::path(KERNELS_DIR) / (top + ".cpp");
  const fs::path out = fs::temp_directory_path() / ("hlsc_yosys_" + top);
  std::vector<std::string> hlsc = {HLSC, source, "--top", top, "-o", out};
  std::ifstream file(source);
  for (std::string line; std::getline(file, line) && line.rfind("//", 0) == 0;) {
    if (line.rfind("// hlsc:", 0) != 0) continue;
    std::istringstream words(
        std::regex_replace(line.substr(8), std::regex("\\{dir\\}"), KERNELS_DIR));
    for (std::string word; words >> word;) hlsc.push_back(word);
  }
  const cosim::Finished compiled = cosim::RunTool(hlsc, 120);
  if (compiled.exit_code != 0) return compiled;
  std::string script = "read_verilog -sv";
  for (const std::string& rtl : cosim::LoadKernelJson(out / (top + ".json")).rtl) {
    script += " " + (fs::path(rtl).is_absolute() ? fs::path(rtl) : out / rtl).string();
  }
  script += "; " + std::regex_replace(commands, std::regex("TOP"), top);
  const cosim::Finished yosys = cosim::RunTool({YOSYS, "-q", "-p", script}, 600);
  fs::remove_all(out);
  return yosys;
}

TEST(Yosys, ElaboratesEveryKernel) {
  for (const std::string& top : KernelNames()) {
    const cosim::Finished yosys =
        RunYosys(top, "hierarchy -check -top TOP; proc; opt_clean; check -assert");
    EXPECT_EQ(yosys.exit_code, 0) << top << ": " << yosys.output;
  }
}

TEST(Yosys, MakesDeepArraysOfUltraRam) {
  for (const char* top : {"ram_ultra", "ram_deep"}) {
    const cosim::Finished yosys = RunYosys(top,
                                           "synth_xilinx -family xcup -noiopad -noclkbuf -top TOP; "
                                           "select -assert-min 1 t:URAM288*");
    EXPECT_EQ(yosys.exit_code, 0) << top << ": " << yosys.output;
  }
}

class YosysSynthesis : public testing::TestWithParam<const char*> {};

TEST_P(YosysSynthesis, MapsToUltraScalePlus) {
  const cosim::Finished yosys =
      RunYosys(GetParam(), "synth_xilinx -family xcup -noiopad -noclkbuf -top TOP; check -assert");
  EXPECT_EQ(yosys.exit_code, 0) << yosys.output;
}

INSTANTIATE_TEST_SUITE_P(Kernels, YosysSynthesis,
                         testing::Values("pipeline_ii1", "loop_break", "ram_reverse", "rom_tables",
                                         "partition_complete", "dataflow_chain", "axi_fill"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
