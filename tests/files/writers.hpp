// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Files written byte by byte, without a line of the library, valid and otherwise.
#pragma once

#include <cstdint>
#include <cstring>
#include <fstream>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace narrowgate::testing {

/// The bytes of numbers as they lie in memory (little-endian).
template <typename T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}
template <typename T>
std::string raw_one(T value) {
  return raw(std::vector<T>{value});
}

inline void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// One tensor of a safetensors file.
struct SafeTensor {
  std::string name;
  std::string dtype;
  std::string shape;  ///< "2,3"
  std::string bytes;
};

inline std::string safetensors_raw(const std::string& header, const std::string& data) {
  return raw_one<std::uint64_t>(header.size()) + header + data;
}

inline std::string safetensors(const std::vector<SafeTensor>& tensors,
                               const std::string& metadata = "") {
  std::string header = "{";
  std::string data;
  if (!metadata.empty()) header += "\"__metadata__\":{" + metadata + "},";
  for (const SafeTensor& t : tensors) {
    header += "\"" + t.name + "\":{\"dtype\":\"" + t.dtype + "\",\"shape\":[" + t.shape +
              "],\"data_offsets\":[" + std::to_string(data.size()) + "," +
              std::to_string(data.size() + t.bytes.size()) + "]},";
    data += t.bytes;
  }
  if (header.size() > 1) header.pop_back();
  return safetensors_raw(header + "}", data);
}

struct GgufTensor {
  std::string name;
  std::vector<std::uint64_t> dims;  ///< fastest first
  std::uint32_t type;
  std::string bytes;
};

inline std::string gguf_text(const std::string& text) {
  return raw_one<std::uint64_t>(text.size()) + text;
}

/// Keys and values that a model has; 3 of them.
inline std::string gguf_values() {
  return gguf_text("general.architecture") + raw_one<std::uint32_t>(8) + gguf_text("llama") +
         gguf_text("tokens") + raw_one<std::uint32_t>(9) + raw_one<std::uint32_t>(8) +
         raw_one<std::uint64_t>(2) + gguf_text("a") + gguf_text("bc") + gguf_text("scores") +
         raw_one<std::uint32_t>(9) + raw_one<std::uint32_t>(6) + raw_one<std::uint64_t>(2) +
         raw(std::vector<float>{1, 2});
}

inline std::string gguf(const std::vector<GgufTensor>& tensors, std::uint32_t version = 3) {
  std::string head = "GGUF" + raw_one(version) + raw_one<std::uint64_t>(tensors.size()) +
                     raw_one<std::uint64_t>(3) + gguf_values();
  std::string data;
  for (const GgufTensor& t : tensors) {
    data.resize((data.size() + 31) / 32 * 32, '\0');
    head += gguf_text(t.name) + raw_one(static_cast<std::uint32_t>(t.dims.size())) + raw(t.dims) +
            raw_one(t.type) + raw_one<std::uint64_t>(data.size());
    data += t.bytes;
  }
  head.resize((head.size() + 31) / 32 * 32, '\0');
  return head + data;
}

inline std::string npy(const std::string& descr, const std::string& shape, const std::string& data,
                       bool fortran = false) {
  std::string header = "{'descr': '" + descr +
                       "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': (" +
                       shape + "), }\n";
  return std::string("\x93NUMPY\x01\x00", 8) + raw_one(static_cast<std::uint16_t>(header.size())) +
         header + data;
}

inline std::uint32_t crc32_of(const std::string& bytes) {
  std::uint32_t crc = ~0U;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320U : 0);
  }
  return ~crc;
}

/// A zip archive of stored members.
inline std::string zip(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out;
  std::string directory;
  for (const auto& [name, bytes] : members) {
    const std::string sizes =
        raw_one(crc32_of(bytes)) + raw_one(static_cast<std::uint32_t>(bytes.size())) +
        raw_one(static_cast<std::uint32_t>(bytes.size())) +
        raw_one(static_cast<std::uint16_t>(name.size())) + raw_one<std::uint16_t>(0);
    const std::string common = raw_one<std::uint16_t>(20) + raw_one<std::uint16_t>(0) +
                               raw_one<std::uint16_t>(0) + raw_one<std::uint32_t>(0x00210000) +
                               sizes;
    directory += "PK\x01\x02" + raw_one<std::uint16_t>(20) + common + raw_one<std::uint16_t>(0) +
                 raw_one<std::uint16_t>(0) + raw_one<std::uint16_t>(0) + raw_one<std::uint32_t>(0) +
                 raw_one(static_cast<std::uint32_t>(out.size())) + name;
    out += "PK\x03\x04" + common + name + bytes;
  }
  const auto count = static_cast<std::uint16_t>(members.size());
  return out + directory + "PK\x05\x06" + raw_one<std::uint32_t>(0) + raw_one(count) +
         raw_one(count) + raw_one(static_cast<std::uint32_t>(directory.size())) +
         raw_one(static_cast<std::uint32_t>(out.size())) + raw_one<std::uint16_t>(0);
}

}  // namespace narrowgate::testing
