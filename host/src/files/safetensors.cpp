// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// safetensors: the length of a JSON header, the header, the tensors' bytes.
#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "core/throw.hpp"
#include "files/listing.hpp"
#include "files/tensor_types.hpp"

namespace narrowgate::internal {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMaxHeader = 100'000'000;  // the format's own limit
constexpr std::size_t kMaxDimensions = 32;

/// Parses the header; the JSON library would keep the last of several equal keys.
Json parse_header(const std::vector<std::byte>& text, const std::string& name) {
  std::set<std::string> keys;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    constexpr int kMaxDepth = 4;
    if (depth > kMaxDepth) bad_file(name, "the header is nested too deeply");
    if (event == Json::parse_event_t::key && depth == 1 &&
        !keys.insert(value.get_ref<const std::string&>()).second) {
      bad_file(name, fmt::format("two tensors are called '{}'",
                                 printable(value.get_ref<const std::string&>())));
    }
    return true;
  };
  const char* const begin = reinterpret_cast<const char*>(text.data());
  try {
    return Json::parse(begin, begin + text.size(), watch);
  } catch (const Json::exception& error) {
    bad_file(name, "malformed header: " + printable(one_line(error.what())));
  }
}

std::uint64_t number(const Json& value, const std::string& where, const std::string& name) {
  if (!value.is_number_unsigned()) {
    bad_file(name,
             fmt::format("{}: {}: it must be a whole number of 0 or more", where,
                         printable(value.dump(-1, ' ', true, Json::error_handler_t::replace))));
  }
  return value.get<std::uint64_t>();
}

const Json& field(const Json& entry, const char* key, const std::string& where, bool right_type,
                  const std::string& name) {
  if (!right_type) bad_file(name, fmt::format("{}: '{}' is missing or malformed", where, key));
  return entry.at(key);
}

TensorInfo parse_tensor(const std::string& key, const Json& entry, std::uint64_t data_start,
                        std::uint64_t data_bytes, const std::string& name) {
  const std::string where = fmt::format("tensor '{}'", printable(key));
  const auto has = [&](const char* k) { return entry.is_object() && entry.contains(k); };
  TensorInfo tensor;
  tensor.name = key;
  tensor.type_name =
      field(entry, "dtype", where, has("dtype") && entry.at("dtype").is_string(), name)
          .get<std::string>();
  tensor.type = tensor_type_of_safetensors(tensor.type_name);
  const Json& shape =
      field(entry, "shape", where, has("shape") && entry.at("shape").is_array(), name);
  if (shape.size() > kMaxDimensions) {
    bad_file(name, fmt::format("{}: {} dimensions: the limit is {}", where, shape.size(),
                               kMaxDimensions));
  }
  for (const Json& dimension : shape) tensor.shape.push_back(number(dimension, where, name));
  const Json& offsets = field(entry, "data_offsets", where,
                              has("data_offsets") && entry.at("data_offsets").is_array() &&
                                  entry.at("data_offsets").size() == 2,
                              name);
  const std::uint64_t begin = number(offsets[0], where, name);
  const std::uint64_t end = number(offsets[1], where, name);
  if (begin > end || end > data_bytes) {
    bad_file(name, fmt::format("{}: bytes {} to {} of the data, which have {}", where, begin, end,
                               data_bytes));
  }
  tensor.offset = data_start + begin;
  tensor.bytes = end - begin;
  if (tensor.type == TensorType::kOther) return tensor;
  const std::uint64_t wanted = tensor_bytes(tensor, name);
  if (wanted != tensor.bytes) {
    bad_file(name,
             fmt::format("{}: {} of shape {} takes {} bytes, the file has {} for it", where,
                         tensor.type_name, fmt::join(tensor.shape, "x"), wanted, tensor.bytes));
  }
  return tensor;
}

}  // namespace

Listing list_safetensors(const InputFile& file, const std::string& name) {
  std::uint64_t length = 0;
  file.read(0, std::as_writable_bytes(std::span(&length, 1)));
  const std::uint64_t start = sizeof length;
  if (length > kMaxHeader || length > file.size() - start) {
    bad_file(name, fmt::format("a header of {} bytes: the file has {}, the limit is {}", length,
                               file.size(), kMaxHeader));
  }
  std::vector<std::byte> text(length);
  file.read(start, text);
  const Json header = parse_header(text, name);
  if (!header.is_object()) bad_file(name, "the header is not a JSON object");
  Listing out{"safetensors", {}, {}};
  for (const auto& [key, entry] : header.items()) {
    if (key == "__metadata__") {
      if (!entry.is_object()) bad_file(name, "__metadata__ is not a JSON object");
      for (const auto& [k, v] : entry.items()) {
        if (!v.is_string()) bad_file(name, fmt::format("metadata '{}' is no text", printable(k)));
        out.metadata[k] = v.get<std::string>();
      }
      continue;
    }
    out.tensors.push_back(
        parse_tensor(key, entry, start + length, file.size() - start - length, name));
  }
  check_tensors(out.tensors, name);
  return out;
}

}  // namespace narrowgate::internal
