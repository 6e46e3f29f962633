// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The header of a .npy file: a Python dictionary literal of three known keys. The grammar accepted
// here is what NumPy writes, with any order of keys, any white space and either quote.
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cctype>
#include <limits>
#include <optional>

#include "files/npy.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate::internal {
namespace {

constexpr std::array<NpyTypeInfo, 7> kTypes = {{
    {NpyType::kInt8, "int8", "i1", 1},
    {NpyType::kUint8, "uint8", "u1", 1},
    {NpyType::kUint16, "uint16", "u2", 2},
    {NpyType::kInt32, "int32", "i4", 4},
    {NpyType::kFloat16, "float16", "f2", 2},
    {NpyType::kFloat32, "float32", "f4", 4},
    {NpyType::kFloat64, "float64", "f8", 8},
}};

constexpr std::string_view kMagic = "\x93NUMPY";

[[noreturn]] void fail(std::string_view name, const std::string& what) {
  throw BadFileError(fmt::format("{}: {}", name, what));
}

/// Text from a file, safe to show on one line of a terminal.
std::string printable(std::string_view text) {
  constexpr std::size_t kShown = 40;
  std::string out;
  for (const char c : text.substr(0, kShown)) {
    const bool plain = std::isprint(static_cast<unsigned char>(c)) != 0;
    out += plain ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  if (text.size() > kShown) out += "...";
  return out;
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  NpyHeader parse() {
    expect('{');
    while (!accept('}')) {
      const std::string_view key = string();
      expect(':');
      if (key == "descr" && !seen_descr_) {
        descr();
      } else if (key == "fortran_order" && !seen_order_) {
        fortran_order();
      } else if (key == "shape" && !seen_shape_) {
        shape();
      } else {
        fail(name_, fmt::format("header key '{}' is unknown or repeated", printable(key)));
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (peek() != '\0') refuse("text after the dictionary");
    if (!seen_descr_ || !seen_order_ || !seen_shape_) {
      fail(name_, "the header must give 'descr', 'fortran_order' and 'shape'");
    }
    return header_;
  }

 private:
  [[noreturn]] void refuse(std::string_view what) const {
    fail(name_, fmt::format("malformed header: {} at \"{}\"", what,
                            printable(text_.substr(std::min(at_, text_.size())))));
  }

  /// The next character that is not white space; 0 at the end.
  char peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) refuse(fmt::format("expected '{}'", c));
  }

  std::string_view string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') refuse("expected a string");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) refuse("a string without end");
    const std::string_view value = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return value;
  }

  bool word(std::string_view expected) {
    peek();
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  void descr() {
    if (peek() == '[') fail(name_, "structured arrays are not supported: one plain element type");
    const std::string_view text = string();
    seen_descr_ = true;
    const bool has_order = !text.empty() && std::string_view("<>|=").find(text[0]) != text.npos;
    const std::string_view type = has_order ? text.substr(1) : text;
    for (const NpyTypeInfo& candidate : kTypes) {
      if (type != candidate.descr) continue;
      header_.type = candidate.type;
      header_.big_endian = has_order && text[0] == '>' && candidate.bytes > 1;
      return;
    }
    fail(name_, fmt::format("element type '{}' is not supported: int8, uint8, int32, float16, "
                            "float32 and float64 are (convert with .astype)",
                            printable(text)));
  }

  void fortran_order() {
    seen_order_ = true;
    if (word("True")) {
      header_.fortran_order = true;
    } else if (!word("False")) {
      refuse("fortran_order must be True or False");
    }
  }

  void shape() {
    seen_shape_ = true;
    expect('(');
    while (!accept(')')) {
      if (header_.shape.size() == kMaxNpyDimensions) {
        fail(name_, fmt::format("more than {} dimensions", kMaxNpyDimensions));
      }
      header_.shape.push_back(number());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
  }

  std::size_t number() {
    if (std::isdigit(static_cast<unsigned char>(peek())) == 0) {
      refuse("a dimension must be a number of 0 or more");
    }
    constexpr std::size_t kMax = std::numeric_limits<std::int64_t>::max();
    std::size_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const std::size_t digit = static_cast<std::size_t>(text_[at_] - '0');
      if (value > (kMax - digit) / 10) fail(name_, "a dimension is larger than 2^63 - 1");
      value = value * 10 + digit;
    }
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // as Python 2 wrote long integers
    return value;
  }

  std::string_view text_;
  std::string_view name_;
  std::size_t at_ = 0;
  NpyHeader header_;
  bool seen_descr_ = false;
  bool seen_order_ = false;
  bool seen_shape_ = false;
};

/// Where the dictionary begins and how long it is, from the magic, version and length fields.
struct Extent {
  std::size_t offset;
  std::size_t length;
};

Extent header_extent(std::span<const std::byte> start, std::uint64_t file_size,
                     std::string_view name) {
  const auto byte = [&](std::size_t i) { return std::to_integer<std::size_t>(start[i]); };
  bool is_npy = start.size() >= kMagic.size();
  for (std::size_t i = 0; is_npy && i < kMagic.size(); ++i) {
    is_npy = byte(i) == static_cast<unsigned char>(kMagic[i]);
  }
  if (!is_npy) fail(name, "not a .npy file (numpy.save writes them)");
  if (start.size() < 10) fail(name, fmt::format("truncated: {} bytes", file_size));
  const std::size_t major = byte(6);
  if (major < 1 || major > 3 || byte(7) != 0) {
    fail(name,
         fmt::format(".npy version {}.{} is not supported: 1.0, 2.0 and 3.0 are", major, byte(7)));
  }
  Extent extent{10, byte(8) | byte(9) << 8};
  if (major >= 2) {
    if (start.size() < 12) fail(name, fmt::format("truncated: {} bytes", file_size));
    extent = {12, extent.length | byte(10) << 16 | byte(11) << 24};
  }
  if (extent.length > kMaxNpyHeader) {
    fail(name, fmt::format("a header of {} bytes: the limit is {}", extent.length, kMaxNpyHeader));
  }
  if (extent.offset + extent.length > std::min<std::uint64_t>(file_size, start.size())) {
    fail(name, fmt::format("truncated: {} bytes, the header alone is to have {}", file_size,
                           extent.offset + extent.length));
  }
  return extent;
}

/// The product of the dimensions in bytes, nothing if it leaves 63 bits.
std::optional<std::size_t> bytes_of(std::span<const std::size_t> shape, std::size_t element) {
  std::size_t bytes = element;
  for (const std::size_t dimension : shape) {
    if (dimension == 0) return 0;
  }
  for (const std::size_t dimension : shape) {
    if (bytes > std::numeric_limits<std::int64_t>::max() / dimension) return std::nullopt;
    bytes *= dimension;
  }
  return bytes;
}

}  // namespace

const NpyTypeInfo& info(NpyType type) noexcept { return kTypes[static_cast<std::size_t>(type)]; }

std::string to_string(std::span<const std::size_t> shape) {
  return shape.empty() ? "()" : fmt::format("{}", fmt::join(shape, "x"));
}

NpyHeader parse_npy_header(std::span<const std::byte> start, std::uint64_t file_size,
                           std::string_view name) {
  const Extent extent = header_extent(start, file_size, name);
  const std::string_view text(reinterpret_cast<const char*>(start.data()) + extent.offset,
                              extent.length);
  NpyHeader header = Parser(text, name).parse();
  header.data_offset = extent.offset + extent.length;
  const std::optional<std::size_t> bytes = bytes_of(header.shape, info(header.type).bytes);
  if (!bytes || *bytes != file_size - header.data_offset) {
    fail(name, fmt::format("shape {} of {} needs {} bytes of data, the file has {}",
                           to_string(header.shape), info(header.type).name,
                           bytes ? std::to_string(*bytes) : "more than 2^63",
                           file_size - header.data_offset));
  }
  header.data_bytes = *bytes;
  return header;
}

std::string npy_header(NpyType type, std::span<const std::size_t> shape) {
  std::string dimensions;
  for (const std::size_t dimension : shape) dimensions += fmt::format("{}, ", dimension);
  if (shape.size() > 1) dimensions.resize(dimensions.size() - 2);  // "(3, 4)", but "(3,)"
  if (shape.size() == 1) dimensions.pop_back();
  std::string text = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}",
                                 info(type).bytes == 1 ? '|' : '<', info(type).descr, dimensions);
  constexpr std::size_t kAlignment = 64;  // of the elements in the file, as NumPy has it
  const std::size_t used = kMagic.size() + 4 + text.size() + 1;
  text.append((kAlignment - used % kAlignment) % kAlignment, ' ');
  text += '\n';
  std::string header(kMagic);
  header +=
      {'\x01', '\0', static_cast<char>(text.size() & 0xFF), static_cast<char>(text.size() >> 8)};
  return header + text;
}

}  // namespace narrowgate::internal
