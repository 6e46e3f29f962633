// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "files/npy.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "files/file_io.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate::internal {

static_assert(std::endian::native == std::endian::little, "elements are written as they lie");

namespace {

NpyArray make_array(NpyHeader header) {
  return {header.type, header.fortran_order, std::move(header.shape),
          std::vector<std::byte>(header.data_bytes)};
}

void swap_bytes(NpyArray& array) {
  const std::size_t width = info(array.type).bytes;
  for (auto at = array.data.begin(); at != array.data.end(); at += static_cast<long>(width)) {
    std::reverse(at, at + static_cast<long>(width));
  }
}

}  // namespace

NpyArray parse_npy(std::span<const std::byte> file, std::string_view name) {
  NpyHeader header = parse_npy_header(file, file.size(), name);
  NpyArray array = make_array(header);
  std::ranges::copy(file.subspan(header.data_offset), array.data.begin());
  if (header.big_endian) swap_bytes(array);
  return array;
}

NpyArray read_npy(const std::filesystem::path& path) {
  const InputFile file(path);
  constexpr std::uint64_t kLongest = kMaxNpyHeader + 12;
  std::vector<std::byte> start(std::min(file.size(), kLongest));
  file.read(0, start);
  const NpyHeader header = parse_npy_header(start, file.size(), path.string());
  NpyArray array = make_array(header);
  file.read(header.data_offset, array.data);
  if (header.big_endian) swap_bytes(array);
  return array;
}

void write_npy(const std::filesystem::path& path, NpyType type, std::span<const std::size_t> shape,
               std::span<const std::byte> data) {
  const std::string header = npy_header(type, shape);
  const std::array<std::span<const std::byte>, 2> pieces = {
      std::as_bytes(std::span<const char>(header)), data};
  write_atomically(path, pieces);
}

}  // namespace narrowgate::internal
