// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <narrowgate_xclbin/xclbin.hpp>
#include <random>
#include <sstream>
#include <string_view>
#include <system_error>

#include "doctor.hpp"
#include "narrowgate/gemm.hpp"

namespace narrowgate::cli {
namespace fs = std::filesystem;
namespace {

/// A command, library or file, and the Debian package that brings it.
struct Need {
  const char* name;
  const char* package;
  const char* without;  ///< what does not work when it is missing
};

constexpr std::array kLibraries = {
    Need{"libxrt_coreutil.so.2", "libxrt1", "the Xilinx Runtime: no card, simulated or real"},
    Need{"libxrt_core.so.2", "libxrt1", "the Xilinx Runtime: no real card"},
    Need{"libxrt_hwemu.so.2", "libxrt1", "the Xilinx Runtime's emulation: no simulated card"},
    Need{"libxilinxopencl.so.2", "libxrt1", "no --backend opencl"},
};
constexpr std::array kRuntimeCommands = {
    Need{"unzip", "unzip", "the runtime cannot unpack a simulated card"},
    Need{"sh", "dash", "the runtime cannot start a simulated card"},
};
constexpr std::array kBuildCommands = {
    Need{"g++", "g++", "nothing can be built"},
    Need{"cmake", "cmake", "nothing can be built"},
    Need{"ninja", "ninja-build", "nothing can be built"},
    Need{"clang-19", "clang-19", "hlsc cannot read kernels"},
    Need{"verilator", "verilator", "no simulated card can be built"},
    Need{"protoc", "protobuf-compiler", "no simulated card can be built"},
    Need{"yosys", "yosys", "the formal proofs cannot run"},
    Need{"z3", "z3", "the formal proofs cannot run"},
};
constexpr std::array kBuildFiles = {
    Need{"usr/include/xrt/xrt.h", "libxrt-dev", "the library is built without cards"},
    Need{"usr/include/CL/cl.h", "opencl-c-headers", "the library is built without OpenCL"},
    Need{"usr/lib/llvm-19/include/llvm/IR/Module.h", "llvm-19-dev", "hlsc cannot be built"},
    Need{"usr/include/eigen3/Eigen/Core", "libeigen3-dev", "no fashion_mnist example"},
    Need{"usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz", "dataset-fashion-mnist",
         "no data for the fashion_mnist example"},
    Need{"usr/include/gemmlowp/public/gemmlowp.h", "libgemmlowp-dev",
         "no data for the gemmlowp_replay example"},
};

fs::path find_in(const std::vector<fs::path>& folders, const char* name) {
  std::error_code ignored;
  for (const fs::path& folder : folders) {
    const fs::path candidate = folder / name;
    if (fs::exists(candidate, ignored)) return candidate;
  }
  return {};
}

Finding look_for(const Need& need, const fs::path& found) {
  if (!found.empty()) return {State::kGood, need.name, found.string(), "", need.package};
  return {State::kMissing, need.name, need.without,
          fmt::format("sudo apt-get install {}", need.package), need.package};
}

std::vector<fs::path> split_path(const std::string& text) {
  std::vector<fs::path> folders;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ':');) {
    if (!part.empty()) folders.emplace_back(part);
  }
  return folders;
}

}  // namespace

Surroundings real_surroundings() {
  Surroundings real;
  real.variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value != nullptr ? value : "");
  };
  const std::string path = real.variable("PATH");
  real.program_folders = split_path(path.empty() ? "/usr/local/bin:/usr/bin:/bin" : path);
  const std::string xrt = real.variable("XILINX_XRT");
  if (!xrt.empty()) real.library_folders.push_back(fs::path(xrt) / "lib");
  for (fs::path& folder : split_path(real.variable("LD_LIBRARY_PATH"))) {
    real.library_folders.push_back(std::move(folder));
  }
  for (const char* folder : {"/opt/xilinx/xrt/lib", "/usr/local/lib", "/usr/lib64", "/usr/lib"}) {
    real.library_folders.emplace_back(folder);
  }
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib", ignored)) {  // multiarch folders
    if (entry.path().filename().string().find("-linux-gnu") != std::string::npos) {
      real.library_folders.push_back(entry.path());
    }
  }
  return real;
}

Findings check_runtime(const Surroundings& surroundings) {
  Findings findings;
  for (const Need& need : kLibraries) {
    findings.push_back(look_for(need, find_in(surroundings.library_folders, need.name)));
  }
  for (const Need& need : kRuntimeCommands) {
    findings.push_back(look_for(need, find_in(surroundings.program_folders, need.name)));
  }
  std::error_code error;
  const fs::path folder = fs::temp_directory_path(error);
  if (error || ::access(folder.c_str(), W_OK | X_OK) != 0) {
    findings.push_back({State::kMissing, "temporary folder",
                        fmt::format("{} cannot be written: no simulated card", folder.string()),
                        "export TMPDIR=/a/folder/that/can/be/written", ""});
  } else {
    constexpr std::uintmax_t kEnough = std::uintmax_t{64} << 20;
    const std::uintmax_t space = fs::space(folder, error).available;
    const bool enough = !error && space >= kEnough;
    findings.push_back({enough ? State::kGood : State::kMissing, "temporary folder",
                        fmt::format("{}, {} MiB free{}", folder.string(), space >> 20,
                                    enough ? "" : ": a simulated card needs 64"),
                        enough ? "" : "export TMPDIR=/a/folder/with/more/space", ""});
  }
  return findings;
}

Findings check_environment(const Surroundings& surroundings) {
  Findings findings;
  const std::string mode = surroundings.variable("XCL_EMULATION_MODE");
  if (!mode.empty() && mode != "hw_emu") {
    findings.push_back({State::kMissing, "XCL_EMULATION_MODE",
                        fmt::format("is \"{}\": the runtime then finds no card of ours", mode),
                        "unset XCL_EMULATION_MODE", ""});
  }
  const std::string xrt = surroundings.variable("XILINX_XRT");
  std::error_code ignored;
  if (!xrt.empty() && !fs::exists(fs::path(xrt) / "lib", ignored)) {
    findings.push_back({State::kNote, "XILINX_XRT",
                        fmt::format("is \"{}\", which has no folder lib", xrt), "unset XILINX_XRT",
                        ""});
  }
  for (const char* name : {"XRT_INI_PATH", "EMCONFIG_PATH"}) {
    const std::string value = surroundings.variable(name);
    if (!value.empty()) {
      findings.push_back({State::kNote, name,
                          fmt::format("is \"{}\": replaced while the emulator is in use", value),
                          fmt::format("unset {}", name), ""});
    }
  }
  if (findings.empty()) {
    findings.push_back(
        {State::kGood, "variables", "none that changes what the runtime does", "", ""});
  }
  return findings;
}

Findings check_build_tools(const Surroundings& surroundings) {
  Findings findings;
  for (const Need& need : kBuildCommands) {
    findings.push_back(look_for(need, find_in(surroundings.program_folders, need.name)));
  }
  for (const Need& need : kBuildFiles) {
    findings.push_back(look_for(need, find_in({surroundings.root}, need.name)));
    findings.back().subject = need.package;  // says more than the path of one of its files
  }
  return findings;
}

Findings check_image(const std::string& image) {
  const std::string mend = "make build   (in the source folder: it makes the default image)";
  try {
    const fs::path path = find_image(image);
    const xclbin::ImageInfo found = xclbin::ReadImage(path);
    return {{State::kGood, image,
             fmt::format("{} ({})", path.string(),
                         found.emulation() ? "hardware emulation" : "hardware"),
             "", ""}};
  } catch (const std::exception& error) {
    return {{State::kMissing, image, error.what(), mend, ""}};
  }
}

Findings check_device(const DeviceOptions& options) {
  constexpr std::size_t kM = 33;
  constexpr std::size_t kN = 47;
  constexpr std::size_t kK = 65;
  const std::string subject = fmt::format("{} self-test", options.device);
  try {
    std::mt19937 random(1);
    std::vector<std::int8_t> a(kM * kK);
    std::vector<std::int8_t> b(kK * kN);
    for (std::int8_t& value : a) value = static_cast<std::int8_t>(random());
    for (std::int8_t& value : b) value = static_cast<std::int8_t>(random());
    const auto multiply = [&](const Device& device) {
      std::vector<std::int32_t> c(kM * kN);
      gemm(device, MatrixView::row_major(a.data(), Format::kInt8, kM, kK),
           MatrixView::row_major(b.data(), Format::kInt8, kK, kN), {},
           OutputView::row_major(c.data(), kM, kN));
      return c;
    };
    const std::vector<std::int32_t> got = multiply(options.open());
    const std::vector<std::int32_t> expected = multiply(Device::open("reference"));
    std::size_t equal = 0;
    for (std::size_t i = 0; i < got.size(); ++i) equal += got[i] == expected[i] ? 1 : 0;
    const std::string counts =
        fmt::format("{} of {} results equal to the reference", equal, got.size());
    if (equal == got.size()) return {{State::kGood, subject, counts, "", ""}};
    return {{State::kMissing, subject, counts, "make build   (in the source folder)", ""}};
  } catch (const std::exception& error) {
    return {{State::kMissing, subject, error.what(), "mend what is missing above first", ""}};
  }
}

}  // namespace narrowgate::cli
