// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Finding and watching the XRT process that started this card.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

namespace narrowgate::sim {

class HostLink {
 public:
  /// Remembers the host process. `socket_id` and the folder come from XRT's environment variables.
  HostLink();

  /// Connects to the socket on which XRT waits, trying again until it is there. -1: the host is
  /// gone, or time is up.
  int Connect(std::chrono::milliseconds limit) const;

  /// XRT also waits for a connection from which the device could reach host memory. This card never
  /// does: connects, says so, and leaves, in a thread of its own.
  void DeclineDeviceTraffic() const;

  bool HostAlive() const;
  const std::string& socket_id() const { return socket_id_; }

 private:
  std::string SocketPath(const std::string& prefix) const;

  pid_t host_;
  std::string folder_;
  std::string socket_id_;
};

}  // namespace narrowgate::sim
