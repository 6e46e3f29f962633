// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "supervisor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "socket_io.hpp"

namespace narrowgate::sim {
namespace {

constexpr std::uint64_t kMaxMessage = 1ull << 30;  // larger is no call of XRT's

}  // namespace

Supervisor::Supervisor(int fd, BankStore& store, SimulatorLink& simulator,
                       std::uint64_t control_base, Log log)
    : fd_(fd),
      store_(store),
      simulator_(simulator),
      control_base_(control_base),
      log_(std::move(log)) {}

Supervisor::End Supervisor::Serve() {
  for (;;) {
    std::array<std::uint8_t, kRequestHeaderBytes> bytes;
    if (!ReadFully(fd_, bytes.data(), bytes.size())) return End::kHostGone;
    const std::optional<RequestHeader> header = ParseHeader(bytes);
    if (!header || header->size > kMaxMessage) return End::kProtocolError;
    if (header->call == Call::kClose) {
      message_.resize(header->size);
      return ReadFully(fd_, message_.data(), message_.size()) ? End::kClosed : End::kHostGone;
    }
    if (!ServeCall(*header)) return End::kHostGone;
  }
}

void Supervisor::ReplyToClose() { ReplyPlain(Call::kClose); }

bool Supervisor::ServeCall(const RequestHeader& header) {
  Request request;
  if (!ReceiveMessage(header, request)) return false;
  switch (header.call) {
    case Call::kAllocate:
      store_.Allocate(request.address, request.size);
      break;
    case Call::kFree:
      store_.Free(request.address);
      break;
    case Call::kToDevice:
    case Call::kWriteRam:
      WriteMemory(request);
      break;
    case Call::kWriteControl:
    case Call::kRegisterWrite:
      WriteControl(request);
      break;
    case Call::kToHost:
    case Call::kReadRam:
      return ReplyData(header.call, ReadMemory(request), request.size);
    case Call::kReadControl:
    case Call::kRegisterRead:
      return ReplyData(header.call, ReadControl(request), request.size);
    default:
      break;
  }
  return ReplyPlain(header.call);
}

bool Supervisor::ReceiveMessage(const RequestHeader& header, Request& request) {
  message_.resize(header.size);
  if (!ReadFully(fd_, message_.data(), message_.size())) return false;
  const std::optional<Request> parsed = ParseRequest(header.call, message_);
  if (!parsed) {
    log_(fmt::format("call {}: a message of {} bytes that does not parse",
                     static_cast<unsigned>(header.call), header.size));
  }
  request = parsed.value_or(Request{});
  return true;
}

bool Supervisor::ReplyPlain(Call call) {
  const std::vector<std::uint8_t> message = PlainReply(call);
  std::array<std::uint8_t, kReplyHeaderBytes> header = MakeReplyHeader(message.size());
  iovec parts[2] = {{header.data(), header.size()},
                    {const_cast<std::uint8_t*>(message.data()), message.size()}};
  return WriteFully(fd_, parts);
}

bool Supervisor::ReplyData(Call call, const std::uint8_t* data, std::uint64_t size) {
  const std::vector<std::uint8_t> head = DataReplyHead(call, size);
  std::array<std::uint8_t, kReplyHeaderBytes> header = MakeReplyHeader(head.size() + size);
  iovec parts[3] = {{header.data(), header.size()},
                    {const_cast<std::uint8_t*>(head.data()), head.size()},
                    {const_cast<std::uint8_t*>(data), size}};
  return WriteFully(fd_, parts);
}

const std::uint8_t* Supervisor::ReadMemory(const Request& request) {
  if (const std::uint8_t* data = store_.At(request.address, request.size)) return data;
  log_(fmt::format("host reads {} bytes at {:#x}, outside the card's memory", request.size,
                   request.address));
  zeros_.assign(request.size, 0);
  return zeros_.data();
}

void Supervisor::WriteMemory(const Request& request) {
  std::uint8_t* to = store_.At(request.address, request.payload_size);
  if (to && request.payload_size != 0) {
    std::memcpy(to, message_.data() + request.payload, request.payload_size);
  } else if (!to) {
    log_(fmt::format("host writes {} bytes at {:#x}, outside the card's memory",
                     request.payload_size, request.address));
  }
}

void Supervisor::NoteDeath() {
  if (!death_noted_) log_(simulator_.reason());
  death_noted_ = true;
}

void Supervisor::WriteControl(const Request& request) {
  const std::size_t count = std::min<std::size_t>(request.payload_size / 4, kMaxLinkWords);
  words_.resize(count);
  std::memcpy(words_.data(), message_.data() + request.payload, 4 * count);
  const auto offset = static_cast<std::uint32_t>(request.address - control_base_);
  if (count != 0 && !simulator_.Write(offset, words_)) NoteDeath();
}

const std::uint8_t* Supervisor::ReadControl(const Request& request) {
  const auto offset = static_cast<std::uint32_t>(request.address - control_base_);
  words_.assign((request.size + 3) / 4, 0);
  const std::size_t count = std::min<std::size_t>(words_.size(), kMaxLinkWords);
  if (count != 0 && !simulator_.Read(offset, std::span(words_).first(count))) {
    NoteDeath();
    std::fill(words_.begin(), words_.end(), kDeadMagic);
    if (offset == KernelDriver::kApCtrl) words_[0] = kDeadStatus;
  }
  return reinterpret_cast<const std::uint8_t*>(words_.data());
}

}  // namespace narrowgate::sim
