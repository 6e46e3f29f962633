// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "simulator_link.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "simulator_loop.hpp"

namespace narrowgate::sim {

SimulatorLink::SimulatorLink(const CardSpec& spec, const BankStore& store,
                             const DriverOptions& options, const Log& log) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    throw CardError(fmt::format("card: no socket pair: {}", std::strerror(errno)));
  }
  const pid_t supervisor = getpid();
  pid_ = fork();
  if (pid_ < 0)
    throw CardError(fmt::format("card: cannot start the simulator: {}", std::strerror(errno)));
  if (pid_ == 0) {
    close(ends[0]);
    prctl(PR_SET_NAME, "ng-simulator");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != supervisor) _exit(1);
    _exit(RunSimulator(ends[1], spec, store, options, log));
  }
  close(ends[1]);
  fd_ = ends[0];
}

SimulatorLink::~SimulatorLink() { Quit(); }

void SimulatorLink::NoteDeath() {
  int status = 0;
  const pid_t waited = waitpid(pid_, &status, 0);
  if (waited == pid_ && WIFSIGNALED(status)) {
    reason_ =
        fmt::format("the simulator (process {}) was killed by signal {}", pid_, WTERMSIG(status));
  } else if (waited == pid_ && WIFEXITED(status)) {
    reason_ =
        fmt::format("the simulator (process {}) ended with status {}", pid_, WEXITSTATUS(status));
  } else {
    reason_ = fmt::format("the simulator (process {}) is gone", pid_);
  }
}

bool SimulatorLink::Exchange(const LinkCommand& command, std::span<const std::uint32_t> out,
                             std::span<std::uint32_t> in) {
  if (!alive()) return false;
  iovec parts[2] = {{const_cast<LinkCommand*>(&command), sizeof command},
                    {const_cast<std::uint32_t*>(out.data()), out.size_bytes()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  ssize_t done;
  do {
    done = sendmsg(fd_, &message, MSG_NOSIGNAL);
  } while (done < 0 && errno == EINTR);
  if (done >= 0) {
    do {
      done = recv(fd_, in.data(), in.size_bytes(), 0);
    } while (done < 0 && errno == EINTR);
    if (done == static_cast<ssize_t>(in.size_bytes())) return true;
  }
  NoteDeath();
  return false;
}

bool SimulatorLink::Write(std::uint32_t address, std::span<const std::uint32_t> words) {
  std::uint32_t ack = 0;
  return Exchange({LinkCommand::kWrite, address, static_cast<std::uint32_t>(words.size())}, words,
                  std::span(&ack, 1));
}

bool SimulatorLink::Read(std::uint32_t address, std::span<std::uint32_t> words) {
  return Exchange({LinkCommand::kRead, address, static_cast<std::uint32_t>(words.size())}, {},
                  words);
}

void SimulatorLink::Quit() {
  if (fd_ < 0) return;
  if (alive()) {
    std::uint32_t ack = 0;
    if (Exchange({LinkCommand::kQuit, 0, 0}, {}, std::span(&ack, 1))) NoteDeath();
  }
  close(fd_);
  fd_ = -1;
}

}  // namespace narrowgate::sim
