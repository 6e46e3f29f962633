// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "guarded_card.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "dead_card.hpp"

namespace narrowgate::sim {

namespace fs = std::filesystem;

GuardedCard::GuardedCard(const BoundSocket& socket, const fs::path& session)
    : session_(session),
      path_(socket.path),
      id_(fs::path(socket.path).filename()),
      fd_(socket.fd),
      supervisor_(socket.peer),
      wake_(eventfd(0, EFD_CLOEXEC)) {
  pid_t noted = 0;
  std::ifstream(session_ / (id_ + ".processes")) >> noted >> simulator_;
  thread_ = std::jthread([this](const std::stop_token& stop) { Watch(stop); });
}

GuardedCard::GuardedCard(int connection, const std::string& socket_path, const fs::path& session)
    : session_(session),
      path_(socket_path),
      id_(fs::path(socket_path).filename()),
      connection_(connection),
      wake_(eventfd(0, EFD_CLOEXEC)) {
  SetDead("the simulator did not start");
  thread_ = std::jthread([this](const std::stop_token& stop) {
    ServeDeadCard(connection_, -1, stop);
    loaded_ = false;
  });
}

GuardedCard::~GuardedCard() {
  thread_.request_stop();
  const std::uint64_t one = 1;
  if (write(wake_, &one, sizeof one) < 0)
    wake_ = -1;  // cannot happen: the counter is far from full
  thread_.join();
  close(wake_);
  if (connection_ >= 0) close(connection_);
}

unsigned GuardedCard::device() const {
  static constexpr std::size_t kPrefix = sizeof("device") - 1;
  return id_.size() > kPrefix
             ? static_cast<unsigned>(std::strtoul(id_.c_str() + kPrefix, nullptr, 10))
             : 0;
}

void GuardedCard::SetDead(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (!dead_) reason_ = reason;
  dead_ = true;
}

CardStatus GuardedCard::Status() const {
  CardStatus status;
  status.loaded = loaded_;
  status.supervisor = supervisor_;
  status.simulator = simulator_;
  if (!status.loaded) {
    status.reason = "the card is closed";
  } else if (dead_) {
    const std::lock_guard lock(mutex_);
    status.reason = reason_;
  } else if (!ProcessRuns(supervisor_)) {
    status.reason = "the card's supervisor (process " + std::to_string(supervisor_) + ") is gone";
  } else if (!ProcessRuns(simulator_)) {
    status.reason = "the simulator (process " + std::to_string(simulator_) + ") is gone";
  } else {
    status.alive = true;
  }
  return status;
}

// A supervisor that ends because XRT has closed the card takes its note away first.
bool GuardedCard::ClosedInOrder() const { return !fs::exists(session_ / (id_ + ".processes")); }

void GuardedCard::Watch(const std::stop_token& stop) {
  const int supervisor = static_cast<int>(syscall(SYS_pidfd_open, supervisor_, 0));
  if (supervisor >= 0) {
    pollfd wait[2] = {{supervisor, POLLIN, 0}, {wake_, POLLIN, 0}};
    while (poll(wait, 2, -1) < 0) {
    }
    close(supervisor);
  }
  if (stop.stop_requested()) return;
  if (!ClosedInOrder()) TakeOver(stop);
  loaded_ = false;
}

void GuardedCard::TakeOver(const std::stop_token& stop) {
  SetDead("the card's supervisor (process " + std::to_string(supervisor_) + ") died");
  // XRT closes its descriptor some time after it has closed the card: be sure that it is still the
  // same socket.
  bool ours = false;
  for (const BoundSocket& socket : SocketsBoundIn(fs::path(path_).parent_path())) {
    ours |= socket.fd == fd_ && socket.path == path_;
  }
  int ends[2];
  if (!ours || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return;
  dup3(ends[0], fd_, O_CLOEXEC);
  close(ends[0]);
  ServeDeadCard(ends[1], fd_, stop);
  close(ends[1]);
}

}  // namespace narrowgate::sim
