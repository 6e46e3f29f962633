// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "problem.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace bench {
namespace ng = narrowgate;
namespace {

constexpr std::size_t kLargest = std::size_t{1} << 24;

/// Takes "<letter><number>" from the front of `text`.
bool take_size(std::string_view& text, char letter, std::size_t& size) {
  if (text.empty() || text.front() != letter) return false;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + 1, end, size);
  if (error != std::errc{} || size < 1 || size > kLargest) return false;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return true;
}

/// Takes ":<format>" from the front of `text`.
bool take_format(std::string_view& text, ng::Format& format) {
  if (!text.starts_with(':')) return false;
  text.remove_prefix(1);
  const std::size_t length = std::min(text.find(':'), text.size());
  format = ng::parse_format(text.substr(0, length));
  text.remove_prefix(length);
  return true;
}

}  // namespace

std::string Problem::name() const {
  std::string text = "m";
  text.append(std::to_string(m)).append("n").append(std::to_string(n));
  text.append("k").append(std::to_string(k));
  if (calls > 1) text.append("x").append(std::to_string(calls));
  text.append(":").append(ng::info(a).name).append(":").append(ng::info(b).name);
  return text;
}

Problem parse_problem(std::string_view text) {
  Problem problem;
  std::string_view rest = text;
  const bool sizes = take_size(rest, 'm', problem.m) && take_size(rest, 'n', problem.n) &&
                     take_size(rest, 'k', problem.k);
  take_size(rest, 'x', problem.calls);
  if (sizes && take_format(rest, problem.a)) {
    problem.b = problem.a;
    take_format(rest, problem.b);
  }
  if (!sizes || !rest.empty()) {
    throw std::invalid_argument("problem '" + std::string(text) +
                                "': write m<M>n<N>k<K>[x<calls>]:<format of A>:<format of B>, "
                                "sizes from 1 to 2^24, e.g. m512n256k1024:int8:mxfp4");
  }
  return problem;
}

std::vector<Problem> default_problems() {
  using enum ng::Format;
  return {{512, 512, 512, kInt8, kInt8},   {64, 64, 64, kInt8, kInt8},
          {256, 256, 256, kInt8, kInt8},   {1024, 1024, 1024, kInt8, kInt8},
          {512, 512, 512, kUint8, kUint8}, {512, 512, 512, kUint4, kUint4},
          {1, 1024, 1024, kInt8, kInt8},   {1, 4096, 4096, kInt8, kInt8},
          {509, 251, 1021, kInt8, kInt8},  {64, 64, 64, kInt8, kInt8, 16},
          {64, 64, 64, kInt8, kInt8, 256}};
}

std::vector<Problem> format_pairs(std::size_t size) {
  using enum ng::Format;
  std::vector<Problem> out;
  for (const auto& [a, b] : {std::pair{kInt8, kInt8},
                             {kInt8, kInt4},
                             {kInt4, kInt4},
                             {kInt8, kInt4Group},
                             {kMxfp8E4m3, kMxfp8E4m3},
                             {kMxfp8E4m3, kMxfp4},
                             {kMxfp6E2m3, kMxfp6E2m3},
                             {kMxfp6E3m2, kMxfp6E2m3},
                             {kMxfp4, kMxfp4},
                             {kNvfp4, kNvfp4},
                             {kMxint8, kMxint8},
                             {kMxint8, kMxfp4},
                             {kE4m3, kE4m3},
                             {kE5m2, kE4m3}}) {
    out.push_back({size, size, size, a, b});
  }
  return out;
}

bool is_held(const ng::DeviceInfo& device, const Problem& problem) {
  const auto has = [&](ng::Format f) { return std::ranges::count(device.formats, f) != 0; };
  if (device.pairs.empty()) return has(problem.a) && has(problem.b);
  return std::ranges::count(device.pairs, std::pair{problem.a, problem.b}) != 0;
}

}  // namespace bench
