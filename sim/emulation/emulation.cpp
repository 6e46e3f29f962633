// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate_sim/emulation.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include "emulation_state.hpp"
#include "xrt_files.hpp"

namespace narrowgate::sim {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kMaxCards = 16;
constexpr auto kClosePoll = std::chrono::milliseconds(1);

void WriteFile(const fs::path& path, const std::string& text) {
  std::ofstream out(path);
  out << text;
  out.close();
  if (!out) throw EmulationError(path.string() + ": cannot be written");
}

bool InPath(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::string_view folders = path ? path : "/usr/bin:/bin";
  for (std::size_t at = 0; at <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', at), folders.size());
    const std::string file = std::string(folders.substr(at, end - at)) + "/" + program;
    if (access(file.c_str(), X_OK) == 0) return true;
    at = end + 1;
  }
  return false;
}

void CheckOptions(const EmulationOptions& options) {
  if (options.cards < 1 || options.cards > kMaxCards) {
    throw EmulationError(std::to_string(options.cards) + " simulated cards: 1 to " +
                         std::to_string(kMaxCards));
  }
  if (!(options.stall_probability >= 0 && options.stall_probability <= 0.9)) {
    throw EmulationError("stall probability " + std::to_string(options.stall_probability) +
                         ": 0 to 0.9");
  }
}

// XRT puts its sockets into /tmp/$USER: that folder must be this one.
fs::path MakeDirectory() {
  char name[] = "/tmp/narrowgate-XXXXXX";
  if (!mkdtemp(name)) throw EmulationError(std::string(name) + ": " + std::strerror(errno));
  return name;
}

}  // namespace

void Emulation::State::GuardNewCards() {
  const std::lock_guard lock(mutex);
  std::erase_if(guards, [](const auto& guard) { return !guard->Status().loaded; });
  for (const BoundSocket& socket : SocketsBoundIn(directory)) {
    const std::string id = fs::path(socket.path).filename();
    if (id.starts_with("D2X_")) continue;
    const bool known =
        std::any_of(guards.begin(), guards.end(), [&](const auto& g) { return g->id() == id; });
    if (!known) guards.push_back(std::make_unique<GuardedCard>(socket, directory));
  }
}

Emulation& Emulation::Instance() {
  static Emulation instance;
  return instance;
}

Emulation::Emulation() : state_(std::make_unique<State>()) {}

Emulation::~Emulation() {
  state_->guards.clear();
  std::error_code ignored;
  if (!state_->directory.empty() && state_->owner == getpid())
    fs::remove_all(state_->directory, ignored);
}

void Emulation::Prepare(const xclbin::ImageInfo& image, const EmulationOptions& options) {
  CheckOptions(options);
  if (!image.emulation()) {
    throw EmulationError(image.path.string() +
                         ": an image for hardware, not for the simulated card");
  }
  if (!image.path.empty())
    xclbin::VerifyContents(image);  // XRT ends the process on a zip that it cannot unpack
  const std::lock_guard lock(state_->mutex);
  state_->options = options;
  if (state_->cards != 0) {
    if (options.cards > state_->cards) {
      throw EmulationError(std::to_string(options.cards) +
                           " simulated cards: XRT has been set up for " +
                           std::to_string(state_->cards) + " in this process");
    }
    return;
  }
  const fs::path libraries = FindXrtLibraries(options.library_dir);
  if (!InPath("unzip")) throw EmulationError("unzip is not installed: apt-get install unzip");
  const fs::path directory = MakeDirectory();
  state_->directory = directory;
  state_->owner = getpid();
  WriteFile(directory / "emconfig.json", EmconfigJson(image.platform, options.cards));
  WriteFile(directory / "xrt.ini", XrtIni(kPacketBytes));
  fs::create_directory(directory / "xrt");
  fs::create_directory_symlink(libraries, directory / "xrt" / "lib");
  state_->environment = {{"XCL_EMULATION_MODE", "hw_emu"},  {"XILINX_XRT", directory / "xrt"},
                         {"EMCONFIG_PATH", directory},      {"XRT_INI_PATH", directory / "xrt.ini"},
                         {"SDACCEL_EM_RUN_DIR", directory}, {"NARROWGATE_SESSION", directory}};
  for (const auto& [name, value] : state_->environment) setenv(name.c_str(), value.c_str(), 1);
  state_->cards = options.cards;
}

bool Emulation::prepared() const {
  const std::lock_guard lock(state_->mutex);
  return state_->cards != 0;
}

const fs::path& Emulation::directory() const { return state_->directory; }

std::vector<std::pair<std::string, std::string>> Emulation::Environment() const {
  const std::lock_guard lock(state_->mutex);
  return state_->environment;
}

CardStatus Emulation::Status(unsigned index) const {
  const std::lock_guard lock(state_->mutex);
  CardStatus status;
  status.reason = "no image is loaded";
  for (const auto& guard : state_->guards) {
    if (guard->device() != index) continue;
    status = guard->Status();
    if (status.loaded) break;
  }
  return status;
}

bool Emulation::WaitUntilClosed(unsigned index, std::chrono::milliseconds limit) const {
  const auto until = std::chrono::steady_clock::now() + limit;
  bool was_loaded = false;
  {
    const std::lock_guard lock(state_->mutex);
    for (const auto& guard : state_->guards) was_loaded |= guard->device() == index;
  }
  if (!was_loaded) return true;
  // The last thing that XRT does is to remove the card's run folder.
  const fs::path folder = state_->directory / ".run" / std::to_string(getpid()) / "hw_em" /
                          ("device" + std::to_string(index));
  std::error_code ignored;
  while (Status(index).loaded || fs::exists(folder, ignored)) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(kClosePoll);
  }
  std::this_thread::sleep_for(kClosePoll);
  return true;
}

}  // namespace narrowgate::sim
