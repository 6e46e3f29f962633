// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "gemmlowp_replay/test_data.hpp"

#include <cctype>
#include <charconv>
#include <limits>
#include <stdexcept>

#include "common/gzip.hpp"

namespace examples {
namespace {

/// What stands behind "NAME =" or "NAME[…] =", up to the semicolon.
std::string_view initialiser(std::string_view source, std::string_view name) {
  std::string declared(" ");
  declared += name;
  for (std::size_t at = source.find(declared); at != std::string_view::npos;
       at = source.find(declared, at + 1)) {
    const char next = at + declared.size() < source.size() ? source[at + declared.size()] : '\0';
    if (next != ' ' && next != '[') continue;  // the start of a longer name
    const std::size_t equals = source.find('=', at);
    const std::size_t end = source.find(';', at);
    if (equals == std::string_view::npos || end == std::string_view::npos || equals > end) continue;
    return source.substr(equals + 1, end - equals - 1);
  }
  throw std::runtime_error("no " + std::string(name) + " in gemmlowp's data");
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) {
    text.remove_suffix(1);
  }
  return text;
}

int integer(std::string_view source, std::string_view name, int lowest, int highest) {
  const std::string_view text = trim(initialiser(source, name));
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < lowest ||
      value > highest) {
    throw std::runtime_error(std::string(name) + " = " + std::string(text.substr(0, 30)) +
                             " in gemmlowp's data: it must be " + std::to_string(lowest) + " to " +
                             std::to_string(highest));
  }
  return value;
}

bool boolean(std::string_view source, std::string_view name) {
  return trim(initialiser(source, name)) == "true";
}

std::vector<std::uint8_t> bytes(std::string_view source, std::string_view name, std::size_t count) {
  const std::string_view text = initialiser(source, name);
  std::vector<std::uint8_t> values;
  values.reserve(count);
  for (const char* at = text.data(); at != text.data() + text.size();) {
    if (!std::isdigit(static_cast<unsigned char>(*at))) {
      ++at;
      continue;
    }
    std::uint8_t value = 0;
    const auto [end, error] = std::from_chars(at, text.data() + text.size(), value);
    if (error != std::errc()) {
      throw std::runtime_error(std::string(name) + "[" + std::to_string(values.size()) +
                               "] in gemmlowp's data is not within 0 to 255");
    }
    values.push_back(value);
    at = end;
  }
  if (values.size() != count) {
    throw std::runtime_error(std::string(name) + " has " + std::to_string(values.size()) +
                             " entries in gemmlowp's data: " + std::to_string(count) +
                             " were expected");
  }
  return values;
}

}  // namespace

GemmlowpData parse_gemmlowp_data(std::string_view source) {
  constexpr int kMaxSize = 1 << 15;
  constexpr int kMin = std::numeric_limits<int>::min();
  constexpr int kMax = std::numeric_limits<int>::max();
  GemmlowpData data;
  data.m = integer(source, "m", 1, kMaxSize);
  data.n = integer(source, "n", 1, kMaxSize);
  data.k = integer(source, "k", 1, kMaxSize);
  data.a_offset = integer(source, "a_offset", -255, 0);
  data.b_offset = integer(source, "b_offset", -255, 0);
  data.c_offset = integer(source, "c_offset", kMin, kMax);
  data.c_mult_int = integer(source, "c_mult_int", 0, kMax);
  data.c_shift = integer(source, "c_shift", 1, 62);
  data.is_a_transposed = boolean(source, "is_a_transposed");
  data.is_b_transposed = boolean(source, "is_b_transposed");
  data.is_c_transposed = boolean(source, "is_c_transposed");
  const auto size = [](int rows, int cols) { return static_cast<std::size_t>(rows) * cols; };
  data.a = bytes(source, "a_data", size(data.m, data.k));
  data.b = bytes(source, "b_data", size(data.k, data.n));
  data.expected_c = bytes(source, "expected_c_data", size(data.m, data.n));
  return data;
}

GemmlowpData read_gemmlowp_data(const std::string& path) {
  constexpr std::size_t kLimit = std::size_t{64} << 20;
  const std::vector<std::uint8_t> text = read_maybe_gzipped(path, kLimit);
  return parse_gemmlowp_data({reinterpret_cast<const char*>(text.data()), text.size()});
}

}  // namespace examples
