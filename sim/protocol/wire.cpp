// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "wire.hpp"

namespace narrowgate::sim {

std::optional<std::uint64_t> WireReader::Varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && at_ < message_.size(); shift += 7) {
    const std::uint8_t byte = message_[at_++];
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> WireReader::Fixed(unsigned bytes) {
  if (message_.size() - at_ < bytes) return std::nullopt;
  std::uint64_t value = 0;
  for (unsigned i = 0; i < bytes; ++i)
    value |= static_cast<std::uint64_t>(message_[at_++]) << (8 * i);
  return value;
}

std::optional<WireField> WireReader::Next() {
  if (!ok_ || at_ >= message_.size()) return std::nullopt;
  const std::optional<std::uint64_t> tag = Varint();
  std::optional<std::uint64_t> value;
  WireField field;
  if (tag && *tag >> 3 != 0 && *tag >> 35 == 0) {
    field.number = static_cast<std::uint32_t>(*tag >> 3);
    field.type = static_cast<WireType>(*tag & 7);
    switch (field.type) {
      case WireType::kVarint:
        value = Varint();
        break;
      case WireType::kFixed64:
        value = Fixed(8);
        break;
      case WireType::kFixed32:
        value = Fixed(4);
        break;
      case WireType::kBytes:
        value = Varint();
        break;
      default:
        break;
    }
  }
  if (value && field.type == WireType::kBytes) {
    field.payload = at_;
    if (*value > message_.size() - at_) value.reset();
    if (value) at_ += static_cast<std::size_t>(*value);
  }
  if (!value) {
    ok_ = false;
    at_ = message_.size();
    return std::nullopt;
  }
  field.value = *value;
  return field;
}

void WireWriter::RawVarint(std::uint64_t value) {
  while (value >= 0x80) {
    message_.push_back(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  message_.push_back(static_cast<std::uint8_t>(value));
}

void WireWriter::Varint(std::uint32_t number, std::uint64_t value) {
  Tag(number, WireType::kVarint);
  RawVarint(value);
}

void WireWriter::Fixed64(std::uint32_t number, std::uint64_t value) {
  Tag(number, WireType::kFixed64);
  for (unsigned i = 0; i < 8; ++i) message_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void WireWriter::Fixed32(std::uint32_t number, std::uint32_t value) {
  Tag(number, WireType::kFixed32);
  for (unsigned i = 0; i < 4; ++i) message_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void WireWriter::Bytes(std::uint32_t number, std::span<const std::uint8_t> bytes) {
  BytesHead(number, bytes.size());
  message_.insert(message_.end(), bytes.begin(), bytes.end());
}

void WireWriter::BytesHead(std::uint32_t number, std::uint64_t length) {
  Tag(number, WireType::kBytes);
  RawVarint(length);
}

}  // namespace narrowgate::sim
