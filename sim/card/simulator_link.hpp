// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The simulator process and the supervisor's end of the line to it. Messages are packets on a
// SEQPACKET socket pair: a LinkCommand, then words for a write; the reply is the words read, or one
// word for a write.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bank_store.hpp"
#include "card_spec.hpp"
#include "kernel_driver.hpp"

namespace narrowgate::sim {

struct LinkCommand {
  enum Kind : std::uint32_t { kWrite, kRead, kQuit };
  Kind kind = kRead;
  std::uint32_t address = 0;
  std::uint32_t words = 0;
};

/// Most words in one command: XRT writes a kernel's whole register file at once.
constexpr std::uint32_t kMaxLinkWords = 4096;

class SimulatorLink {
 public:
  using Log = std::function<void(const std::string&)>;

  /// Forks the simulator. It ends when the link is closed or the calling process dies.
  SimulatorLink(const CardSpec& spec, const BankStore& store, const DriverOptions& options,
                const Log& log);
  ~SimulatorLink();
  SimulatorLink(const SimulatorLink&) = delete;
  SimulatorLink& operator=(const SimulatorLink&) = delete;

  pid_t pid() const { return pid_; }

  /// false: the simulator is dead; reason() says how it ended.
  bool Write(std::uint32_t address, std::span<const std::uint32_t> words);
  bool Read(std::uint32_t address, std::span<std::uint32_t> words);
  const std::string& reason() const { return reason_; }
  bool alive() const { return reason_.empty(); }

  /// Ends the simulator and waits until its waveform is closed.
  void Quit();

 private:
  bool Exchange(const LinkCommand& command, std::span<const std::uint32_t> out,
                std::span<std::uint32_t> in);
  void NoteDeath();

  pid_t pid_ = 0;
  int fd_ = -1;
  std::string reason_;
};

}  // namespace narrowgate::sim
