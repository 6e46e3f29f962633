// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// GGUF versions 2 and 3, little-endian: keys and values, the list of tensors, their bytes.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "files/listing.hpp"
#include "files/tensor_types.hpp"

namespace narrowgate::internal {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are read as they lie");

constexpr std::uint64_t kMaxName = 65535;
constexpr std::uint32_t kMaxDimensions = 4;
constexpr std::uint64_t kDefaultAlignment = 32;

// Types of values; their sizes, 0 for those whose length is told.
enum ValueType : std::uint32_t { kUint32 = 4, kString = 8, kArray = 9, kValueTypes = 13 };
constexpr std::uint64_t kValueBytes[kValueTypes] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

/// Reads forward, by way of a buffer.
class Cursor {
 public:
  Cursor(const InputFile& file, const std::string& name) : file_(file), name_(name) {}

  std::uint64_t at() const { return at_; }
  std::uint64_t left() const { return file_.size() - at_; }

  template <typename T>
  T number() {
    T value{};
    copy(reinterpret_cast<char*>(&value), sizeof value);
    return value;
  }
  std::string text(std::uint64_t limit) {
    const auto length = number<std::uint64_t>();
    if (length > limit || length > left()) {
      bad_file(name_, fmt::format("a string of {} bytes at byte {}: {} are left, the limit is {}",
                                  length, at_, left(), limit));
    }
    std::string value(length, '\0');
    copy(value.data(), length);
    return value;
  }
  void skip(std::uint64_t bytes) {
    if (bytes > left()) {
      bad_file(name_, fmt::format("{} bytes at byte {}: only {} are left", bytes, at_, left()));
    }
    at_ += bytes;
  }

 private:
  void copy(char* to, std::uint64_t bytes) {
    if (bytes > left()) bad_file(name_, fmt::format("truncated: {} bytes", file_.size()));
    while (bytes != 0) {
      if (at_ < start_ || at_ >= start_ + buffer_.size()) {
        constexpr std::uint64_t kBuffer = 65536;
        buffer_.resize(std::min(kBuffer, left()));
        file_.read(at_, buffer_);
        start_ = at_;
      }
      const std::uint64_t piece = std::min(bytes, start_ + buffer_.size() - at_);
      std::memcpy(to, buffer_.data() + (at_ - start_), piece);
      at_ += piece;
      to += piece;
      bytes -= piece;
    }
  }

  const InputFile& file_;
  const std::string& name_;
  std::uint64_t at_ = 0;
  std::uint64_t start_ = 0;
  std::vector<std::byte> buffer_;
};

class Parser {
 public:
  Parser(const InputFile& file, const std::string& name)
      : file_(file), name_(name), in_(file, name) {}

  Listing parse() {
    in_.skip(4);  // the magic number, which brought us here
    const auto version = in_.number<std::uint32_t>();
    if (version != 2 && version != 3) {
      bad_file(name_, fmt::format("GGUF version {}: 2 and 3 are read, little-endian", version));
    }
    const auto tensors = count("tensors", 24);  // bytes that each takes at least
    const auto values = count("values", 13);
    for (std::uint64_t i = 0; i < values; ++i) value();
    for (std::uint64_t i = 0; i < tensors; ++i) tensor();
    place();
    check_tensors(out_.tensors, name_);
    return std::move(out_);
  }

 private:
  std::uint64_t count(const char* what, std::uint64_t least_bytes) {
    const auto n = in_.number<std::uint64_t>();
    if (n > in_.left() / least_bytes) {
      bad_file(name_, fmt::format("{} {}: a file of {} bytes has room for {}", n, what,
                                  file_.size(), in_.left() / least_bytes));
    }
    return n;
  }

  std::uint32_t value_type(const std::string& key) {
    const auto type = in_.number<std::uint32_t>();
    if (type >= kValueTypes) {
      bad_file(name_, fmt::format("value '{}' has type {}: the limit is {}", printable(key), type,
                                  kValueTypes - 1));
    }
    return type;
  }

  void value() {
    const std::string key = in_.text(kMaxName);
    const std::uint32_t type = value_type(key);
    if (type == kString) {
      out_.metadata[key] = in_.text(in_.left());
    } else if (type == kArray) {
      array(key);
    } else if (key == "general.alignment" && type == kUint32) {
      alignment_ = in_.number<std::uint32_t>();
      if (!std::has_single_bit(alignment_)) {
        bad_file(name_, fmt::format("alignment {}: it must be a power of two", alignment_));
      }
    } else {
      in_.skip(kValueBytes[type]);
    }
  }

  void array(const std::string& key) {
    const std::uint32_t type = value_type(key);
    const auto length = in_.number<std::uint64_t>();
    if (type == kArray) {
      bad_file(name_, fmt::format("value '{}' is an array of arrays", printable(key)));
    }
    const std::uint64_t least = type == kString ? 8 : kValueBytes[type];
    if (length > in_.left() / least) {
      bad_file(name_, fmt::format("value '{}' has {} entries: the file has room for {}",
                                  printable(key), length, in_.left() / least));
    }
    if (type != kString) {
      in_.skip(length * kValueBytes[type]);
      return;
    }
    for (std::uint64_t i = 0; i < length; ++i) in_.skip(in_.number<std::uint64_t>());
  }

  void tensor() {
    TensorInfo t;
    t.name = in_.text(kMaxName);
    const auto dimensions = in_.number<std::uint32_t>();
    if (dimensions > kMaxDimensions) {
      bad_file(name_, fmt::format("tensor '{}': {} dimensions: the limit is {}", printable(t.name),
                                  dimensions, kMaxDimensions));
    }
    // The fastest comes first in the file.
    for (std::uint32_t i = 0; i < dimensions; ++i) t.shape.push_back(in_.number<std::uint64_t>());
    std::ranges::reverse(t.shape);
    const auto id = in_.number<std::uint32_t>();
    t.type = tensor_type_of_gguf(id);
    const TensorTypeInfo* type = info(t.type);
    t.type_name = type != nullptr ? std::string(type->name) : fmt::format("type {}", id);
    t.offset = in_.number<std::uint64_t>();
    if (type != nullptr) t.bytes = tensor_bytes(t, name_);
    out_.tensors.push_back(std::move(t));
  }

  /// Offsets count from the data, which begin at the next multiple of the alignment.
  void place() {
    const std::uint64_t start = (in_.at() + alignment_ - 1) / alignment_ * alignment_;
    const std::uint64_t data = start > file_.size() ? 0 : file_.size() - start;
    for (TensorInfo& t : out_.tensors) {
      if (t.offset % alignment_ != 0 || t.offset > data || t.bytes > data - t.offset) {
        bad_file(name_, fmt::format(
                            "tensor '{}': {} bytes at offset {} of {} bytes of data, aligned to {}",
                            printable(t.name), t.bytes, t.offset, data, alignment_));
      }
      t.offset += start;
    }
  }

  const InputFile& file_;
  const std::string& name_;
  Cursor in_;
  Listing out_{"gguf", {}, {}};
  std::uint64_t alignment_ = kDefaultAlignment;
};

}  // namespace

Listing list_gguf(const InputFile& file, const std::string& name) {
  return Parser(file, name).parse();
}

}  // namespace narrowgate::internal
