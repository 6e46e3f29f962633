// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The process that XRT starts and talks to. It owns the socket and the card's memory and has the
// simulator as its child, so that XRT gets a valid reply to every call whatever becomes of the
// simulator: a dead one reads as a card whose kernel is done and whose other registers are
// 0xDEAD0000.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bank_store.hpp"
#include "calls.hpp"
#include "simulator_link.hpp"

namespace narrowgate::sim {

constexpr std::uint32_t kDeadMagic = 0xDEAD0000;
constexpr std::uint32_t kDeadStatus = KernelDriver::kDone | KernelDriver::kIdle;

class Supervisor {
 public:
  using Log = std::function<void(const std::string&)>;

  /// `fd` is connected to XRT; `control_base` is where XRT believes the control registers to be.
  Supervisor(int fd, BankStore& store, SimulatorLink& simulator, std::uint64_t control_base,
             Log log);

  enum class End { kClosed, kHostGone, kProtocolError };

  /// Serves calls until XRT closes the card (the close is not yet answered: see ReplyToClose) or is
  /// gone.
  End Serve();
  void ReplyToClose();

 private:
  bool ServeCall(const RequestHeader& header);
  bool ReceiveMessage(const RequestHeader& header, Request& request);
  bool ReplyPlain(Call call);
  bool ReplyData(Call call, const std::uint8_t* data, std::uint64_t size);
  void WriteControl(const Request& request);
  const std::uint8_t* ReadControl(const Request& request);
  const std::uint8_t* ReadMemory(const Request& request);
  void WriteMemory(const Request& request);
  void NoteDeath();

  const int fd_;
  BankStore& store_;
  SimulatorLink& simulator_;
  const std::uint64_t control_base_;
  Log log_;
  std::vector<std::uint8_t> message_;
  std::vector<std::uint32_t> words_;
  std::vector<std::uint8_t> zeros_;
  bool death_noted_ = false;
};

}  // namespace narrowgate::sim
