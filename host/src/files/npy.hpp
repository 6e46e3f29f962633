// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// NumPy's .npy files, versions 1.0 to 3.0, C and Fortran order, of the element types that a matrix
// product needs. Every defect of a file is one BadFileError of one line that names the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace narrowgate::internal {

/// Element types that are read; all others are refused by name.
enum class NpyType { kInt8, kUint8, kUint16, kInt32, kFloat16, kFloat32, kFloat64 };

struct NpyTypeInfo {
  NpyType type;
  std::string_view name;   ///< NumPy's: "int8"
  std::string_view descr;  ///< as a file spells it, without the byte order: "i1"
  std::size_t bytes;
};
const NpyTypeInfo& info(NpyType type) noexcept;

/// Longest header that is read; NumPy itself stops at 10,000 bytes.
inline constexpr std::size_t kMaxNpyHeader = 65536;
inline constexpr std::size_t kMaxNpyDimensions = 32;  // NumPy's own limit

/// What a file's header says.
struct NpyHeader {
  NpyType type = NpyType::kInt8;
  bool fortran_order = false;
  bool big_endian = false;
  std::vector<std::size_t> shape;
  std::size_t data_offset = 0;
  std::size_t data_bytes = 0;
};

/// An array with its elements in the machine's byte order.
struct NpyArray {
  NpyType type = NpyType::kInt8;
  bool fortran_order = false;
  std::vector<std::size_t> shape;
  std::vector<std::byte> data;

  std::size_t elements() const { return data.size() / info(type).bytes; }
  template <typename T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(data.data()), data.size() / sizeof(T)};
  }
};

/// "2x3", or "()" for a scalar.
std::string to_string(std::span<const std::size_t> shape);

/// Parses the header at the start of a file of `file_size` bytes; `start` holds the file's first
/// bytes, at least min(file_size, kMaxNpyHeader + 12) of them. The data are checked to fill exactly
/// the rest of the file.
NpyHeader parse_npy_header(std::span<const std::byte> start, std::uint64_t file_size,
                           std::string_view name);

/// Parses a whole file in memory.
NpyArray parse_npy(std::span<const std::byte> file, std::string_view name);

NpyArray read_npy(const std::filesystem::path& path);

/// The bytes that come before the elements of a little-endian array in C order (version 1.0).
std::string npy_header(NpyType type, std::span<const std::size_t> shape);

/// Writes an array in C order (atomically, see file_io.hpp).
void write_npy(const std::filesystem::path& path, NpyType type, std::span<const std::size_t> shape,
               std::span<const std::byte> data);

}  // namespace narrowgate::internal
