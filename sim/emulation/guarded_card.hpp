// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Watches the supervisor of one loaded card and takes its place should it die.
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

#include "narrowgate_sim/emulation.hpp"
#include "proc.hpp"

namespace narrowgate::sim {

class GuardedCard {
 public:
  /// `socket` is XRT's end of the connection with the supervisor; `session` the folder with the
  /// process ids.
  GuardedCard(const BoundSocket& socket, const std::filesystem::path& session);

  /// A card whose simulator never came: `connection` is a socket on which XRT has accepted this
  /// process.
  GuardedCard(int connection, const std::string& socket_path, const std::filesystem::path& session);

  ~GuardedCard();
  GuardedCard(const GuardedCard&) = delete;
  GuardedCard& operator=(const GuardedCard&) = delete;

  /// "device0_0_1234": XRT's name for the connection.
  const std::string& id() const { return id_; }
  /// XRT's device index, from the id.
  unsigned device() const;
  CardStatus Status() const;

 private:
  void Watch(const std::stop_token& stop);
  void TakeOver(const std::stop_token& stop);
  bool ClosedInOrder() const;
  void SetDead(const std::string& reason);

  const std::filesystem::path session_;
  const std::string path_;
  const std::string id_;
  int fd_ = -1;          // XRT's descriptor, or -1
  int connection_ = -1;  // ours, to a load that found no supervisor
  pid_t supervisor_ = 0;
  pid_t simulator_ = 0;
  int wake_ = -1;  // eventfd: stop watching
  std::atomic<bool> loaded_{true};
  std::atomic<bool> dead_{false};
  mutable std::mutex mutex_;
  std::string reason_;
  std::jthread thread_;
};

}  // namespace narrowgate::sim
