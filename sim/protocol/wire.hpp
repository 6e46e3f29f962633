// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The Protocol Buffers wire format, as much of it as the hw_emu socket uses. Not libprotobuf, for
// two reasons: XRT shuts that library down whenever it closes a device, so nothing in the host
// process may use it, and a bulk transfer must go between the socket and the card's memory without
// copies in between.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace narrowgate::sim {

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

/// One field of a message. `number` is the field's number, `value` its integer value or, for bytes,
/// their length.
struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t value = 0;
  std::size_t payload = 0;  ///< bytes: where they start in the message
};

/// Reads a message field by field. Next() gives nothing at the end and after malformed input (then
/// ok() is false).
class WireReader {
 public:
  explicit WireReader(std::span<const std::uint8_t> message) : message_(message) {}

  std::optional<WireField> Next();
  bool ok() const { return ok_; }

 private:
  std::optional<std::uint64_t> Varint();
  std::optional<std::uint64_t> Fixed(unsigned bytes);

  std::span<const std::uint8_t> message_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

/// Builds a message.
class WireWriter {
 public:
  void Varint(std::uint32_t number, std::uint64_t value);
  void Fixed64(std::uint32_t number, std::uint64_t value);
  void Fixed32(std::uint32_t number, std::uint32_t value);
  void Bytes(std::uint32_t number, std::span<const std::uint8_t> bytes);
  /// Only the head of a bytes field; its `length` bytes must follow on the socket.
  void BytesHead(std::uint32_t number, std::uint64_t length);

  const std::vector<std::uint8_t>& message() const { return message_; }

 private:
  void RawVarint(std::uint64_t value);
  void Tag(std::uint32_t number, WireType type) {
    RawVarint(number << 3 | static_cast<unsigned>(type));
  }

  std::vector<std::uint8_t> message_;
};

}  // namespace narrowgate::sim
