// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng-simulator CARD.json: the simulated card. XRT's hw_emu driver starts it; docs/simulated-card.md
// tells the story. Environment (set by ng_emulation, all optional):
//   NARROWGATE_SESSION  the host's temporary folder: process ids are noted there; removed if the
//   host dies NARROWGATE_SIM_LOG  where simulate.log is kept (else it is removed when the card is
//   closed) NARROWGATE_WAVES    FST file to write NARROWGATE_STALL    "probability:seed" of random
//   back-pressure on every AXI channel
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "host_link.hpp"
#include "supervisor.hpp"

namespace narrowgate::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kControlBase = 0x1800000;  // as in the image's IP_LAYOUT
constexpr auto kConnectLimit = std::chrono::seconds(60);

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// simulate.log: one line per fact, each written at once, by both processes.
class LogFile {
 public:
  LogFile() : kept_(Variable("NARROWGATE_SIM_LOG")) {
    path_ = kept_.empty() ? fs::current_path() / "simulate.log" : fs::path(kept_);
    fd_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  }

  void Line(const std::string& text) const {
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    const std::string line = fmt::format("[{:9.3f}] {}\n", seconds, text);
    if (fd_ >= 0 && write(fd_, line.data(), line.size()) < 0)
      return;  // a full disk must not stop the card
  }

  // XRT copies a simulate.log that it finds into the user's current folder: leave it none.
  void Close() const {
    std::error_code ignored;
    if (kept_.empty()) fs::remove(path_, ignored);
  }

 private:
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start_ = Clock::now();
  std::string kept_;
  fs::path path_;
  int fd_ = -1;
};

void IgnoreTerminalSignals() {
  // Ctrl-C reaches the whole process group; the card ends when its host does, not before.
  for (const int signal_number : {SIGINT, SIGQUIT, SIGHUP, SIGPIPE}) signal(signal_number, SIG_IGN);
}

DriverOptions ReadOptions() {
  DriverOptions options;
  options.waveform = Variable("NARROWGATE_WAVES");
  const std::string stall = Variable("NARROWGATE_STALL");
  if (!stall.empty()) {
    char* end = nullptr;
    options.stalls.probability = std::strtod(stall.c_str(), &end);
    if (*end == ':')
      options.stalls.seed = static_cast<std::uint32_t>(std::strtoul(end + 1, nullptr, 10));
  }
  return options;
}

// For tests and for `narrowgate doctor`: which processes are this card.
void NoteProcesses(const HostLink& host, const SimulatorLink& simulator) {
  const std::string session = Variable("NARROWGATE_SESSION");
  if (session.empty()) return;
  std::ofstream(session + "/" + host.socket_id() + ".processes")
      << getpid() << ' ' << simulator.pid() << '\n';
}

void RemoveSession(const HostLink& host, Supervisor::End end) {
  const std::string session = Variable("NARROWGATE_SESSION");
  std::error_code ignored;
  if (session.empty()) return;
  // A dying host closes its sockets some time before it is seen to be dead.
  for (int i = 0; end == Supervisor::End::kHostGone && host.HostAlive() && i < 200; ++i)
    usleep(10000);
  if (host.HostAlive()) {
    fs::remove(session + "/" + host.socket_id() + ".processes", ignored);
  } else if (fs::exists(session + "/xrt.ini")) {  // surely one of ours
    fs::remove_all(session, ignored);
  }
}

int Run(const char* card_file, const LogFile& log) {
  const auto write_log = [&log](const std::string& line) { log.Line(line); };
  const HostLink host;
  const nlohmann::json metadata = nlohmann::json::parse(std::ifstream(card_file), nullptr, false);
  if (metadata.is_discarded()) throw CardError(fmt::format("{}: not JSON", card_file));
  const CardSpec spec = ParseCardSpec(metadata);
  log.Line(fmt::format("card {}, image {}, kernel {} at {} MHz, {} memory banks", spec.card,
                       spec.image, spec.kernel, spec.clock_khz / 1000.0, spec.banks.size()));
  BankStore store(spec.banks);
  SimulatorLink simulator(spec, store, ReadOptions(), write_log);
  NoteProcesses(host, simulator);
  log.Line(fmt::format("supervisor {}, simulator {}", getpid(), simulator.pid()));
  const int fd = host.Connect(kConnectLimit);
  Supervisor::End end = Supervisor::End::kHostGone;
  if (fd >= 0) {
    host.DeclineDeviceTraffic();
    Supervisor supervisor(fd, store, simulator, kControlBase, write_log);
    end = supervisor.Serve();
    simulator.Quit();
    static constexpr const char* kEnds[] = {"closed by the host", "the host is gone",
                                            "not a call of XRT's"};
    log.Line(kEnds[static_cast<int>(end)]);
    log.Close();
    RemoveSession(host, end);
    if (end == Supervisor::End::kClosed) supervisor.ReplyToClose();
  } else {
    log.Line("no host");
    simulator.Quit();
    RemoveSession(host, end);
  }
  return end == Supervisor::End::kProtocolError ? 1 : 0;
}

}  // namespace
}  // namespace narrowgate::sim

int main(int argc, char** argv) {
  using namespace narrowgate::sim;
  close_range(3, ~0u, 0);  // whatever the host had open is not ours to hold
  IgnoreTerminalSignals();
  prctl(PR_SET_NAME, "ng-card");
  const LogFile log;
  if (argc != 2) {
    log.Line("usage: ng-simulator CARD.json");
    return 2;
  }
  try {
    return Run(argv[1], log);
  } catch (const std::exception& error) {
    log.Line(error.what());
    return 1;
  }
}
