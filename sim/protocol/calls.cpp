// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "calls.hpp"

#include <algorithm>

namespace narrowgate::sim {
namespace {

// Field numbers of one call; 0 where it has no such field. The address of a transfer is that of the
// whole buffer, to which the card has to add the offset.
struct Layout {
  Call call;
  std::uint32_t address, offset, size, payload;
};

constexpr Layout kLayouts[] = {
    {Call::kAllocate, 1, 0, 2, 0},      {Call::kFree, 1, 0, 0, 0},
    {Call::kToDevice, 3, 6, 5, 4},      {Call::kToHost, 4, 6, 5, 0},
    {Call::kWriteRam, 2, 0, 3, 4},      {Call::kReadRam, 2, 0, 3, 0},
    {Call::kWriteControl, 2, 0, 3, 4},  {Call::kReadControl, 2, 0, 3, 0},
    {Call::kRegisterWrite, 2, 0, 0, 3}, {Call::kRegisterRead, 2, 0, 3, 0},
};

}  // namespace

std::optional<RequestHeader> ParseHeader(std::span<const std::uint8_t, kRequestHeaderBytes> bytes) {
  WireReader reader(bytes);
  RequestHeader header;
  const std::optional<WireField> size = reader.Next();
  const std::optional<WireField> call = reader.Next();
  if (!size || size->number != 1 || size->type != WireType::kFixed64) return std::nullopt;
  if (!call || call->number != 2 || call->type != WireType::kFixed32) return std::nullopt;
  header.size = size->value;
  header.call = static_cast<Call>(call->value);
  return header;
}

std::array<std::uint8_t, kReplyHeaderBytes> MakeReplyHeader(std::uint64_t size) {
  WireWriter writer;
  writer.Fixed64(1, size);
  std::array<std::uint8_t, kReplyHeaderBytes> bytes{};
  std::copy(writer.message().begin(), writer.message().end(), bytes.begin());
  return bytes;
}

std::array<std::uint8_t, kRequestHeaderBytes> MakeRequestHeader(const RequestHeader& header) {
  WireWriter writer;
  writer.Fixed64(1, header.size);
  writer.Fixed32(2, static_cast<std::uint32_t>(header.call));
  std::array<std::uint8_t, kRequestHeaderBytes> bytes{};
  std::copy(writer.message().begin(), writer.message().end(), bytes.begin());
  return bytes;
}

std::optional<Request> ParseRequest(Call call, std::span<const std::uint8_t> message) {
  Request request;
  request.call = call;
  const auto* layout = std::find_if(std::begin(kLayouts), std::end(kLayouts),
                                    [&](const Layout& l) { return l.call == call; });
  if (layout == std::end(kLayouts)) return request;
  std::uint64_t offset = 0;
  WireReader reader(message);
  while (const std::optional<WireField> field = reader.Next()) {
    if (field->number == layout->address && field->type == WireType::kVarint)
      request.address = field->value;
    if (field->number == layout->offset && field->type == WireType::kVarint) offset = field->value;
    if (field->number == layout->size && field->type == WireType::kVarint)
      request.size = field->value;
    if (field->number == layout->payload && field->type == WireType::kBytes) {
      request.payload = field->payload;
      request.payload_size = field->value;
    }
  }
  if (!reader.ok() || offset > ~request.address) return std::nullopt;
  request.address += offset;
  return request;
}

bool RepliesWithData(Call call) {
  return call == Call::kToHost || call == Call::kReadRam || call == Call::kReadControl ||
         call == Call::kRegisterRead;
}

std::vector<std::uint8_t> PlainReply(Call call) {
  WireWriter writer;
  // Field 1 of a counters' reply is a count, elsewhere it means success; a reply of debug messages
  // ignores it. The empty field 2 makes the message large enough for AnyReply.
  const bool counters =
      call == Call::kReadCounters || call == Call::kTraceCount || call == Call::kBusStatus;
  writer.Varint(1, counters ? 0 : 1);
  writer.BytesHead(2, 0);
  return writer.message();
}

std::vector<std::uint8_t> DataReplyHead(Call call, std::uint64_t size) {
  WireWriter writer;
  writer.Varint(1, call == Call::kToHost ? size : 1);
  writer.BytesHead(2, size);
  return writer.message();
}

std::vector<std::uint8_t> AnyReply(std::uint64_t size, std::uint32_t word) {
  if (size < 4) return std::vector<std::uint8_t>(size, 0);
  std::vector<std::uint8_t> message = {0x08, 0x01};
  const auto head_bytes = [](std::uint64_t length) {
    return length < 128 ? 2 : length < 16384 ? 3 : length < 2097152 ? 4 : 5;
  };
  std::uint64_t length = size - 4;
  while (length > 0 && 2 + head_bytes(length) + length > size) --length;
  // Where no length fits exactly, the 1 is written in two bytes.
  if (2 + head_bytes(length) + length < size) message = {0x08, 0x81, 0x00};
  WireWriter tail;
  tail.BytesHead(2, length);
  message.insert(message.end(), tail.message().begin(), tail.message().end());
  for (std::uint64_t i = 0; i < length; ++i)
    message.push_back(static_cast<std::uint8_t>(word >> (8 * (i % 4))));
  return message;
}

}  // namespace narrowgate::sim
