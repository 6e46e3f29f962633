// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "host_link.hpp"

#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "calls.hpp"
#include "socket_io.hpp"

namespace narrowgate::sim {
namespace {

constexpr auto kRetry = std::chrono::milliseconds(2);
constexpr auto kDeclineLimit = std::chrono::seconds(60);  // XRT listens again every 5 s

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

HostLink::HostLink() : host_(getppid()), socket_id_(Variable("EMULATION_SOCKETID")) {
  const std::string user = Variable("USER");
  folder_ = user.empty() ? "/tmp" : "/tmp/" + user;
  if (user.empty() || socket_id_.empty()) socket_id_ = "xcl_sock";
}

std::string HostLink::SocketPath(const std::string& prefix) const {
  return folder_ + "/" + prefix + socket_id_;
}

bool HostLink::HostAlive() const { return getppid() == host_; }

int HostLink::Connect(std::chrono::milliseconds limit) const {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (HostAlive() && std::chrono::steady_clock::now() < until) {
    const int fd = ConnectUnix(SocketPath(""));
    if (fd >= 0) return fd;
    std::this_thread::sleep_for(kRetry);
  }
  return -1;
}

void HostLink::DeclineDeviceTraffic() const {
  const std::string path = SocketPath("D2X_unix_sock_");
  std::thread([path] {
    const auto until = std::chrono::steady_clock::now() + kDeclineLimit;
    while (std::chrono::steady_clock::now() < until) {
      const int fd = ConnectUnix(path);
      if (fd >= 0) {
        const auto goodbye = MakeRequestHeader({0, Call::kClose});
        WriteFully(fd, goodbye.data(), goodbye.size());
        close(fd);
        unlink(path.c_str());  // XRT leaves it behind
        return;
      }
      std::this_thread::sleep_for(kRetry);
    }
  }).detach();
}

}  // namespace narrowgate::sim
