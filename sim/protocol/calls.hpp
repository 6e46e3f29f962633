// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The calls that XRT's hw_emu driver makes on its socket, and the replies that keep it content.
// Framing: a request is {fixed64 size = 1; fixed32 call = 2} and a message of `size` bytes; a reply
// is {fixed64 size = 1} and a message. docs/simulated-card.md lists the fields.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "wire.hpp"

namespace narrowgate::sim {

enum class Call : std::uint32_t {
  kClose = 1,
  kAllocate = 4,
  kFree = 5,
  kToDevice = 6,
  kToHost = 7,
  kWriteRam = 8,
  kWriteControl = 9,
  kReadRam = 10,
  kReadControl = 11,
  kReadCounters = 14,
  kTraceCount = 15,
  kReadTrace = 16,
  kTimeStamp = 17,
  kBusStatus = 18,
  kDebugMessages = 19,
  kSetEnvironment = 20,
  kRegisterWrite = 51,
  kRegisterRead = 52,
};

constexpr std::size_t kRequestHeaderBytes = 14;
constexpr std::size_t kReplyHeaderBytes = 9;

struct RequestHeader {
  std::uint64_t size = 0;
  Call call = Call::kClose;
};

/// Nothing if the bytes are not a request header.
std::optional<RequestHeader> ParseHeader(std::span<const std::uint8_t, kRequestHeaderBytes> bytes);
std::array<std::uint8_t, kReplyHeaderBytes> MakeReplyHeader(std::uint64_t size);
std::array<std::uint8_t, kRequestHeaderBytes> MakeRequestHeader(const RequestHeader& header);

/// The fields of a call that a card needs, whatever their numbers in that call.
struct Request {
  Call call = Call::kClose;
  std::uint64_t address = 0;  ///< of the device: to write, read, allocate or free
  std::uint64_t size = 0;     ///< bytes
  std::size_t payload = 0;    ///< where the data to write starts in the message
  std::uint64_t payload_size = 0;
};

/// Nothing if the message does not parse. A transfer's offset is in `address` already.
std::optional<Request> ParseRequest(Call call, std::span<const std::uint8_t> message);

/// A reply without data: what means success for this call.
std::vector<std::uint8_t> PlainReply(Call call);

/// A reply with data after it: the message up to where `size` bytes must follow. Only for kToHost,
/// kReadRam, kReadControl and kRegisterRead.
std::vector<std::uint8_t> DataReplyHead(Call call, std::uint64_t size);

/// A message of exactly `size` bytes (4 or more) that parses as the reply to any call; its data
/// repeat `word`.
///
/// XRT needs it where a supervisor dies with an unread request: it then takes the previous reply's
/// size for this one's, and aborts if what it gets does not parse. Hence no reply of this card is
/// shorter than four bytes.
std::vector<std::uint8_t> AnyReply(std::uint64_t size, std::uint32_t word);

/// Whether the call's reply carries data.
bool RepliesWithData(Call call);

}  // namespace narrowgate::sim
