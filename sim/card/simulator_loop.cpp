// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "simulator_loop.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>

#include "simulator_link.hpp"

namespace narrowgate::sim {
namespace {

using Clock = std::chrono::steady_clock;

// A look at AP_CTRL is answered when the kernel is done, or after this much simulation: XRT polls
// as fast as answers come, so the answers pace it. Shorter would waste time on polling, longer
// would keep other threads' transfers out.
constexpr auto kSlice = std::chrono::milliseconds(2);
constexpr std::uint64_t kChunkCycles = 512;  // between looks at the clock or the socket

class SimulatorLoop {
 public:
  SimulatorLoop(int fd, KernelDriver& driver) : fd_(fd), driver_(driver) {}

  void Serve() {
    while (Receive()) {
      switch (command_.kind) {
        case LinkCommand::kWrite:
          Write();
          break;
        case LinkCommand::kRead:
          Read();
          break;
        case LinkCommand::kQuit:
          Reply(1);
          return;
      }
    }
  }

 private:
  // Simulates until a command is there. false: the supervisor is gone.
  bool Receive() {
    iovec parts[2] = {{&command_, sizeof command_}, {words_, sizeof words_}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    for (;;) {
      const ssize_t got = recvmsg(fd_, &message, driver_.running() ? MSG_DONTWAIT : 0);
      if (got >= static_cast<ssize_t>(sizeof command_)) return command_.words <= kMaxLinkWords;
      if (got >= 0 || (errno != EAGAIN && errno != EINTR)) return false;
      if (driver_.running()) driver_.Run(kChunkCycles);
    }
  }

  bool Reply(std::uint32_t words) {
    return send(fd_, words_, words * sizeof words_[0], MSG_NOSIGNAL) >= 0;
  }

  // AP_CTRL comes last: the arguments must be there before the start.
  void Write() {
    for (std::uint32_t i = command_.words; i-- > 0;) {
      driver_.WriteRegister(command_.address + 4 * i, words_[i]);
    }
    Reply(1);
  }

  void Read() {
    if (command_.address == KernelDriver::kApCtrl) {
      const auto until = Clock::now() + kSlice;
      while (driver_.running() && Clock::now() < until) driver_.Run(kChunkCycles);
    }
    for (std::uint32_t i = 0; i < command_.words; ++i) {
      words_[i] = driver_.ReadRegister(command_.address + 4 * i);
    }
    Reply(command_.words);
  }

  const int fd_;
  KernelDriver& driver_;
  LinkCommand command_;
  std::uint32_t words_[kMaxLinkWords];
};

}  // namespace

int RunSimulator(int fd, const CardSpec& spec, const BankStore& store, const DriverOptions& options,
                 const std::function<void(const std::string&)>& log) {
  try {
    const std::unique_ptr<KernelModel> model = MakeKernelModel();
    KernelDriver driver(spec, *model, store.banks(), options, log);
    SimulatorLoop(fd, driver).Serve();
  } catch (const std::exception& error) {
    log(std::string("simulator: ") + error.what());
    return 1;
  }
  return 0;
}

}  // namespace narrowgate::sim
